import { InMemoryDatabase, InMemoryDeliveries, InMemoryEndpointReads } from '../in-memory';
import { InMemoryEndpointUnitOfWork, InMemoryUnitOfWork } from '../in-memory';
import { aReport, fixedClock, now, sequentialIds } from '../testing';
import { aVault } from '../testing/a-vault';
import { accepted, verdict } from '../testing/outcomes';
import { defaultPolicy } from '../exception/policy';
import { laterBy } from '../value/timestamp';
import { signingSecrets } from './endpoint-secrets';
import { ExceptionDesk } from './exception-desk';
import type { CommandMeta } from './command-meta';
import { maxEndpoints } from './endpoint-limit';
import { maxReplay } from './replay-deliveries';
import { WebhookEndpointDesk } from './webhook-endpoint-desk';

const meta: CommandMeta = { tenant: 'acme', actor: 'ana' };
function aDesk(clock = fixedClock) {
  const database = new InMemoryDatabase();
  const newId = sequentialIds();
  const vault = aVault();
  let made = 0;
  const generator = { signingSecret: () => `whsec_${(made += 1)}` };
  const ports = { uow: new InMemoryEndpointUnitOfWork(database), clock, newId };
  const addresses = {
    addressProblem: async (url: string) =>
      url.includes('//10.') ? '10.0.0.1 is not allowed, it is not on the public internet' : undefined,
  };
  const desk = new WebhookEndpointDesk(ports, vault, generator, addresses);
  const exceptions = new ExceptionDesk(
    { uow: new InMemoryUnitOfWork(database), clock, newId },
    defaultPolicy,
  );
  const reads = new InMemoryEndpointReads(database);
  return {
    desk,
    deliveries: new InMemoryDeliveries(database),
    create: async (over = {}) =>
      accepted(await desk.create({ url: 'https://acme.example', ...over }, meta)).change.state,
    patch: (id: string, patch: Parameters<typeof desk.patch>[1], given = meta) =>
      desk.patch(id, patch, given),
    raised: async () => accepted(await exceptions.raise(aReport({ transactionId: newId() }), meta)).state.id,
    found: (id: string) => reads.endpoint('acme', id),
    listed: async (id: string) =>
      (await reads.deliveries('acme', id, {}, { limit: 5000, order: 'asc' }))?.items ?? [],
    secretsOf: async (id: string, at = now) => {
      const { url, secrets = '' } = (await reads.endpoint('acme', id))!;
      return signingSecrets(vault, 'acme', { id, url, secrets }, at);
    },
  };
}

describe('the desk of webhook endpoints', () => {
  it('makes as many for a tenant as there may be, and one more when one was deleted', async () => {
    const { desk, create } = aDesk();
    const made = await Promise.all(Array.from({ length: maxEndpoints }, () => create()));
    const another = (given = meta) => desk.create({ url: 'https://acme.example' }, given);
    expect(verdict(await another())).toBe('invalid_value');
    expect(verdict(await another({ ...meta, tenant: 'other' }))).toBe('ok');
    accepted(await desk.remove(made[0]!.id, meta));
    expect([verdict(await another()), verdict(await another())]).toEqual(['ok', 'invalid_value']);
  });

  it('makes an endpoint with a secret, which is shown once and kept encrypted', async () => {
    const { desk, found, secretsOf } = aDesk();
    const given = { url: 'https://acme.example', events: ['comment.added', 'comment.added'] };
    const { change, shown } = accepted(await desk.create(given, meta));
    expect(shown).toBe('whsec_1');
    const stored = (await found(change.state.id))!;
    expect(stored).toMatchObject({ version: 1, state: 'ENABLED', events: ['comment.added'] });
    expect(JSON.stringify(stored)).not.toContain('whsec');
    expect(await secretsOf(stored.id)).toEqual(['whsec_1']);
  });

  it('refuses an address to which nothing may be sent, when it is made and when it is changed', async () => {
    const { desk, create, patch, found } = aDesk();
    const url = 'https://10.0.0.1/events';
    const refused = {
      ok: false,
      refusal: {
        ...{ code: 'invalid_value', field: 'url' },
        problem: 'cannot be used: 10.0.0.1 is not allowed, it is not on the public internet',
      },
    };
    expect(await desk.create({ url }, meta)).toEqual(refused);
    expect(await desk.create({ url }, { ...meta, preview: true })).toEqual(refused);
    const { id } = await create();
    expect(await patch(id, { url })).toEqual(refused);
    expect(await found(id)).toMatchObject({ version: 1, url: 'https://acme.example' });
    expect(verdict(await patch(id, { url: 'https://other.example' }))).toBe('ok');
  });

  it('answers the same request again, secret included, and refuses another one with its key', async () => {
    const { desk } = aDesk();
    const once = (fingerprint: string) => ({ ...meta, idempotency: { key: 'key', fingerprint } });
    const first = await desk.create({ url: 'https://acme.example' }, once('a'));
    expect(await desk.create({ url: 'https://acme.example' }, once('a'))).toEqual(first);
    expect(verdict(await desk.create({ url: 'https://other.example' }, once('b')))).toBe(
      'idempotency_key_reused',
    );
  });

  it('changes what is given, and keeps the rest', async () => {
    const { create, patch, found } = aDesk();
    const { id } = await create({ events: ['comment.added'], description: 'Ledger' });
    accepted(await patch(id, { url: 'https://new.example' }));
    expect(await found(id)).toMatchObject({
      version: 2,
      url: 'https://new.example',
      events: ['comment.added'],
      description: 'Ledger',
    });
    accepted(await patch(id, { events: ['exception.raised', '*'] }));
    expect(await found(id)).not.toHaveProperty('events');
  });

  it('signs with both secrets for a day after a rotation', async () => {
    const { create, patch, secretsOf } = aDesk();
    const { id } = await create();
    expect(accepted(await patch(id, { rotateSecret: true })).shown).toBe('whsec_2');
    const day = 24 * 3_600_000;
    expect(await secretsOf(id, laterBy(now, day - 1))).toEqual(['whsec_2', 'whsec_1']);
    expect(await secretsOf(id, laterBy(now, day))).toEqual(['whsec_2']);
    // Another change makes no secret, and ends none.
    expect(accepted(await patch(id, { description: 'Ledger' }))).not.toHaveProperty('shown');
    expect(await secretsOf(id)).toEqual(['whsec_2', 'whsec_1']);
  });

  it('skips what is still to be sent when it is switched off, and says who did it', async () => {
    const { create, patch, raised, listed, found } = aDesk();
    const { id } = await create();
    await raised();
    accepted(await patch(id, { enabled: false }));
    accepted(await patch(id, { description: 'Later.' }, { ...meta, actor: 'ben' }));
    expect(await found(id)).toMatchObject({ state: 'DISABLED', disabledReason: 'ana switched it off.' });
    expect((await listed(id)).map(({ state }) => state)).toEqual(['SKIPPED']);
    accepted(await patch(id, { enabled: true }));
    expect(await found(id)).not.toHaveProperty('disabledReason');
  });

  it('refuses what is meant for another version, and what is not there any more', async () => {
    const { desk, create, patch, found } = aDesk();
    const { id } = await create();
    expect(verdict(await patch(id, { enabled: false }, { ...meta, expectedVersion: 2 }))).toBe(
      'stale_version',
    );
    const removed = accepted(await desk.remove(id, meta)).state;
    expect(removed).not.toHaveProperty('secrets');
    expect(await found(id)).toBeUndefined();
    for (const outcome of [
      await patch(id, {}),
      await desk.remove(id, meta),
      await desk.replay(id, 'event', meta),
      await desk.replayRange(id, { from: now, to: laterBy(now, 1) }, meta),
    ])
      expect(verdict(outcome)).toBe('not_found');
  });
});

describe('a replay', () => {
  const range = { from: now, to: laterBy(now, 1) };

  it('sends one delivery again, whatever became of it, but not while it is being sent', async () => {
    const { desk, create, raised, listed, deliveries } = aDesk();
    const { id } = await create();
    const lane = { tenant: 'acme', endpointId: id, exceptionId: await raised() };
    const claimed = (await deliveries.claim(lane, now, laterBy(now, 1000)))[0]!;
    const replay = async () => accepted(await desk.replay(id, claimed.eventId, meta)).deliveries[0];
    expect(await replay()).toMatchObject({ state: 'SENDING', attempts: 1, attemptsBefore: 0 });
    await deliveries.report(lane, claimed, { at: now, ms: 1, next: { state: 'DEAD' } });
    const replayed = await replay();
    expect(replayed).toMatchObject({ state: 'PENDING', attemptsBefore: 1, nextAttemptAt: now });
    expect(await listed(id)).toMatchObject([replayed]);
    expect(verdict(await desk.replay(id, 'other', meta))).toBe('not_found');
  });

  it('of a time has a start before its end, and at most a thousand deliveries', async () => {
    const { desk, create, raised, listed } = aDesk();
    const { id } = await create();
    const replay = (given = range) => desk.replayRange(id, given, meta);
    for (const to of [now, laterBy(now, -1)])
      expect(await replay({ from: now, to })).toMatchObject({
        refusal: { code: 'invalid_value', field: 'to', problem: 'must be later than from' },
      });
    for (let i = 0; i < maxReplay; i++) await raised();
    expect(accepted(await replay()).deliveries).toHaveLength(maxReplay);
    await raised();
    expect(await replay()).toMatchObject({ refusal: { code: 'invalid_value', field: 'to' } });
    expect(new Set((await listed(id)).map(({ state }) => state))).toEqual(new Set(['PENDING']));
  }, 60_000);

  it('is for endpoints that are enabled', async () => {
    const { desk, create, patch } = aDesk();
    const { id } = await create();
    accepted(await patch(id, { enabled: false }));
    expect(await desk.replayRange(id, range, meta)).toMatchObject({
      refusal: { code: 'not_allowed', command: 'replay', status: 'DISABLED', allowed: ['enable'] },
    });
  });
});
