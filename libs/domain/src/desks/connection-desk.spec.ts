import type { ConnectorRules } from '../connection/connector-rules';
import type { PutConnection } from '../connection/decide-connection';
import { InMemoryConnections, InMemoryUnitOfWork } from '../in-memory';
import type { SecretOwner, Vault } from '../ports/vault';
import { ok, refuse } from '../result';
import { fixedClock, sequentialIds } from '../testing';
import { accepted, verdict } from '../testing/outcomes';
import { ConnectionDesk } from './connection-desk';
import type { CommandMeta } from './command-meta';

/** A vault whose ciphertexts show their owner, so that one that was moved is noticed. */
const vault: Vault = {
  encrypt: (value, owner) => JSON.stringify({ owner, value }),
  decrypt: (ciphertext, owner) => {
    const kept = JSON.parse(ciphertext) as { owner: SecretOwner; value: unknown };
    if (JSON.stringify(kept.owner) !== JSON.stringify(owner)) throw new Error('moved');
    return kept.value;
  },
};

const password: ConnectorRules = {
  addressField: 'site',
  sendsSecrets: true,
  inboundSecret: 'shared',
  secretsAfter({ given, kept }) {
    const secret = given['token'] ?? kept?.['token'];
    return secret === undefined
      ? refuse({ code: 'invalid_value', field: 'token', problem: 'is required' })
      : ok({ secrets: { token: secret } });
  },
};
const signing: ConnectorRules = {
  addressField: 'url',
  sendsSecrets: false,
  inboundSecret: 'signing',
  secretsAfter({ given, kept }, generator) {
    const secrets = given['secrets'] ?? kept?.['secrets'];
    if (secrets !== undefined) return ok({ secrets: { secrets } });
    const generated = [generator.signingSecret()];
    return ok({ secrets: { secrets: generated }, generated });
  },
};

function aDesk() {
  const store = new InMemoryConnections(new InMemoryUnitOfWork());
  let made = 0;
  const generator = {
    signingSecret: () => `signing ${(made += 1)}`,
    sharedSecret: () => `shared ${(made += 1)}`,
  };
  const connectors = {
    rulesOf: (target: string) => (target === 'JIRA' ? password : signing),
    addressProblem: async (address: string) =>
      address.startsWith('http:') ? 'only https is allowed' : undefined,
  };
  const ports = { uow: store, clock: fixedClock, newId: sequentialIds() };
  const desk = new ConnectionDesk(ports, vault, generator, connectors);
  const meta = (over: Partial<CommandMeta> = {}): CommandMeta => ({ tenant: 'acme', actor: 'ana', ...over });
  return {
    store,
    remove: (over?: Partial<CommandMeta>) => desk.remove('JIRA', meta(over)),
    put: (command: Partial<PutConnection> = {}, over?: Partial<CommandMeta>) =>
      desk.put(
        {
          ...{ target: 'JIRA', enabled: true, rotateInboundSecret: false },
          ...{ settings: { site: 'https://a.test' }, secrets: {}, ...command },
        },
        meta(over),
      ),
  };
}
const token = { secrets: { token: 'canary' } };
const webhook = { target: 'WEBHOOK', settings: { url: 'https://a.test' } } as const;

describe('the connection desk', () => {
  it('creates a connection, and shows its inbound secret in the answer alone', async () => {
    const { put, store } = aDesk();
    const { state, event, issued } = accepted(await put(token));
    expect([state.version, state.enabled, event.type]).toEqual([1, true, 'connection.created']);
    expect(issued).toEqual({ inboundSecret: 'shared 1' });
    expect(event.newSecrets).toEqual(['token', 'inboundSecret']);
    const [stored] = await store.all('acme');
    expect(Object.keys(stored!)).not.toContain('issued');
    expect(JSON.stringify({ ...stored, secrets: '' })).not.toMatch(/canary|shared 1/);
    expect(JSON.parse(stored!.secrets!)).toMatchObject({
      owner: { table: 'connection', tenant: 'acme', id: state.id, address: 'https://a.test' },
      value: { own: { token: 'canary' }, inbound: 'shared 1' },
    });
  });

  it('keeps a secret that is left out, at the same address alone where it is sent along', async () => {
    const { put } = aDesk();
    accepted(await put(token));
    expect(accepted(await put({ enabled: false })).secrets.own).toEqual({ token: 'canary' });
    const elsewhere = { settings: { site: 'https://b.test' } };
    expect(verdict(await put(elsewhere))).toBe('invalid_value');
    expect(accepted(await put({ ...elsewhere, ...token })).state.version).toBe(3);
  });

  it('generates a signing secret once, and keeps it whatever the address', async () => {
    const { put } = aDesk();
    const made = accepted(await put(webhook));
    expect(made.issued).toEqual({ signingSecrets: ['signing 1'], inboundSecret: 'signing 2' });
    const moved = accepted(await put({ ...webhook, settings: { url: 'https://b.test' } }));
    expect([moved.secrets, moved.issued]).toEqual([made.secrets, {}]);
    const given = accepted(await put({ ...webhook, secrets: { secrets: ['own'] } }));
    expect([given.secrets.own, given.issued]).toEqual([{ secrets: ['own'] }, {}]);
  });

  it('rotates the inbound secret, and keeps the one before for a day', async () => {
    const { put } = aDesk();
    accepted(await put(token));
    const { secrets, issued } = accepted(await put({ rotateInboundSecret: true }));
    expect(issued).toEqual({ inboundSecret: 'shared 2' });
    const until = new Date(fixedClock().getTime() + 24 * 3_600_000).toISOString();
    expect(secrets.previousInbound).toEqual({ secret: 'shared 1', until });
    expect(accepted(await put({ enabled: false })).secrets.previousInbound).toEqual(secrets.previousInbound);
  });

  it('refuses an address to which nothing can be sent, and another version', async () => {
    const { put, store } = aDesk();
    const bad = await put({ ...token, settings: { site: 'http://a.test' } });
    expect(bad).toMatchObject({
      refusal: { field: 'site', problem: 'cannot be used: only https is allowed' },
    });
    expect(verdict(await put(token, { expectedVersion: 1 }))).toBe('stale_version');
    expect(await store.all('acme')).toEqual([]);
  });

  it('deletes a connection with its secrets, and makes it anew under its id with others', async () => {
    const { put, remove, store } = aDesk();
    expect(verdict(await remove())).toBe('not_found');
    const made = accepted(await put(token));
    const removed = accepted(await remove({ expectedVersion: 1 }));
    expect([removed.state.version, 'secrets' in removed.state]).toEqual([2, false]);
    expect([await store.all('acme'), verdict(await remove()), verdict(await put())]).toEqual([
      [],
      'not_found',
      'invalid_value',
    ]);
    const again = accepted(await put(token, { expectedVersion: 0 }));
    expect([again.state.id, again.state.version, again.event.type]).toEqual([
      made.state.id,
      3,
      'connection.created',
    ]);
    expect(again.issued).toEqual({ inboundSecret: 'shared 2' });
  });

  it('answers a repeated request as the first time, and shows nothing in the kept reply', async () => {
    const { put, store } = aDesk();
    const idempotency = { key: 'k', fingerprint: 'canary of a fingerprint' };
    const first = await put(token, { idempotency });
    expect(await put(token, { idempotency })).toEqual(first);
    expect(verdict(await put(token, { idempotency: { ...idempotency, fingerprint: 'other' } }))).toBe(
      'idempotency_key_reused',
    );
    expect(store.events('acme', 'JIRA')).toHaveLength(1);
  });
});
