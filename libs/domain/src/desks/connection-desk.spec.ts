import type { ConnectorRules } from '../connection/connector-rules';
import type { PutConnection } from '../connection/decide-connection';
import { InMemoryConnections, InMemoryUnitOfWork } from '../in-memory';
import type { SecretOwner, Vault } from '../ports/vault';
import { ok, refuse } from '../result';
import { fixedClock, sequentialIds } from '../testing';
import { accepted, verdict } from '../testing/outcomes';
import type { ConnectionTarget } from '../connection/connection';
import { ConnectionDesk, type LedgerControl } from './connection-desk';
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

function aDesk(ledger?: LedgerControl, clock = fixedClock) {
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
  const ports = { uow: store, clock, newId: sequentialIds() };
  const desk = new ConnectionDesk(ports, vault, generator, connectors, ledger);
  const meta = (over: Partial<CommandMeta> = {}): CommandMeta => ({ tenant: 'acme', actor: 'ana', ...over });
  return {
    store,
    remove: (over?: Partial<CommandMeta>, target: ConnectionTarget = 'JIRA') =>
      desk.remove(target, meta(over)),
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
    expect(accepted(await put({ enabled: false })).secrets?.own).toEqual({ token: 'canary' });
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
    expect([given.secrets?.own, given.issued]).toEqual([{ secrets: ['own'] }, {}]);
  });

  it('rotates the inbound secret, and keeps the one before for a day', async () => {
    const { put } = aDesk();
    accepted(await put(token));
    const { secrets, issued } = accepted(await put({ rotateInboundSecret: true }));
    expect(issued).toEqual({ inboundSecret: 'shared 2' });
    const until = new Date(fixedClock().getTime() + 24 * 3_600_000).toISOString();
    expect(secrets?.previousInbound).toEqual({ secret: 'shared 1', until });
    expect(accepted(await put({ enabled: false })).secrets?.previousInbound).toEqual(
      secrets?.previousInbound,
    );
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

describe('the connection to a ledger, under dual control', () => {
  const book = {
    target: 'LEDGER',
    settings: { url: 'https://a.test' },
    secrets: { secrets: ['whsec'] },
  } as const;
  const elsewhere = { ...book, settings: { url: 'https://evil.test' } };
  const opened = (approvers = 1) => {
    let hours = 0;
    const clock = () => new Date(fixedClock().getTime() + hours * 3_600_000);
    const changes = async () => (approvers ? { approvers } : undefined);
    const { put, remove, store } = aDesk({ changes, expiresHours: 72 }, clock);
    const events = () => store.events('acme', 'LEDGER').map(({ type, actor }) => `${type} ${actor}`);
    return {
      ...{ store, events },
      put: async (actor: string, command: Partial<PutConnection> = book) => put(command, { actor }),
      remove: async (actor: string) => verdict(await remove({ actor }, 'LEDGER')),
      connection: async () => (await store.all('acme')).find(({ target }) => target === 'LEDGER'),
      wait: (more: number) => (hours += more),
      none: () => (approvers = 0),
    };
  };
  type Opened = ReturnType<typeof opened>;
  const connected = async (one: Opened): Promise<Opened> => {
    await one.put('ana');
    accepted(await one.put('bo'));
    return one;
  };

  it('is made once another person has asked for the same, secrets included', async () => {
    const { put, connection, events } = opened();
    const first = accepted(await put('ana'));
    expect([first.issued, first.state.deletedAt, await connection()]).toEqual([
      {},
      expect.any(String),
      undefined,
    ]);
    expect(first.state.proposed).toMatchObject({
      ...{ proposedBy: 'ana', approvalsNeeded: 1 },
      request: { type: 'put', enabled: true, settings: book.settings, newSecrets: ['secrets'] },
    });
    for (const twin of ['ana', 'ANA', 'ana ']) expect(verdict(await put(twin))).toBe('own_proposal');
    // Another secret is another request.
    accepted(await put('cy', { ...book, secrets: { secrets: ['other'] } }));
    expect(await connection()).toBeUndefined();
    accepted(await put('ana'));
    const made = accepted(await put('bo'));
    expect(made.issued).toEqual({ inboundSecret: expect.stringMatching(/^signing/) });
    expect(await connection()).toMatchObject({
      enabled: true,
      settings: book.settings,
      version: 4,
      createdBy: 'bo',
    });
    expect(await connection()).not.toHaveProperty('proposed');
    expect(events()).toEqual([
      'connection.change_proposed ana',
      'connection.change_proposed cy',
      'connection.change_proposed ana',
      'connection.created bo',
    ]);
  });

  it.each<[string, Partial<PutConnection>]>([
    ['moved', elsewhere],
    ['switched off', { ...book, enabled: false, secrets: {} }],
    ['given another secret', { ...book, secrets: { secrets: ['mine'] } }],
    ['given a new inbound secret', { ...book, rotateInboundSecret: true, secrets: {} }],
  ])('is not %s by one person', async (_, change) => {
    const one = await connected(opened());
    const before = await one.connection();
    const first = accepted(await one.put('ana', change));
    expect(first.issued).toEqual({});
    const { version, proposed, ...still } = (await one.connection())!;
    expect({ ...still, version: version - 1 }).toEqual(before);
    expect(JSON.stringify(proposed).includes('"newSecrets"')).toBe(true);
    expect(verdict(await one.put('ana', change))).toBe('own_proposal');
    expect(accepted(await one.put('bo', change)).event.type).toBe('connection.changed');
    expect((await one.connection())?.proposed).toBeUndefined();
  });

  it('is not deleted by one person', async () => {
    const one = await connected(opened(2));
    expect(await one.connection()).toBeUndefined();
    accepted(await one.put('cy'));
    expect(await one.connection()).toBeDefined();
    expect([await one.remove('ana'), await one.remove('ana'), await one.remove('bo')]).toEqual([
      ...['ok', 'own_proposal', 'ok'],
    ]);
    expect(await one.connection()).toBeDefined();
    expect([await one.remove('Bo'), await one.remove('cy')]).toEqual(['already_approved', 'ok']);
    expect(await one.connection()).toBeUndefined();
    expect(one.events().slice(-3)).toEqual([
      ...['connection.deletion_proposed ana', 'connection.deletion_proposed bo', 'connection.deleted cy'],
    ]);
  });

  it('keeps what is proposed under the rule of its time, until it is taken back or its time is over', async () => {
    const one = await connected(opened());
    accepted(await one.put('ana', elsewhere));
    one.none();
    expect(verdict(await one.put('ana', elsewhere))).toBe('own_proposal');
    expect(accepted(await one.put('ana', { ...book, enabled: false })).event.type).toBe(
      'connection.change_proposed',
    );
    // A put that changes nothing takes it back.
    accepted(await one.put('bo', { ...book, secrets: {} }));
    expect((await one.connection())?.proposed).toBeUndefined();
    const again = await connected(opened());
    accepted(await again.put('ana', elsewhere));
    again.wait(72);
    expect(accepted(await again.put('bo', elsewhere)).event.type).toBe('connection.change_proposed');
    expect((await again.connection())?.settings).toEqual(book.settings);
  });

  it('leaves the others alone', async () => {
    const { put } = opened();
    expect(accepted(await put('ana', token)).event.type).toBe('connection.created');
    expect(accepted(await put('ana', webhook)).event.type).toBe('connection.created');
  });
});
