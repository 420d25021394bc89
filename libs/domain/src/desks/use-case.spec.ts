import { InMemoryUnitOfWork } from '../in-memory';
import type { CommandMeta, ReplyCodec } from './command-meta';
import { atVersion, runOnce } from './use-case';
import type { Ports, Session, Transaction } from '../ports/stores';
import { ok, refuse, type Result } from '../result';
import { fixedClock, now, sequentialIds } from '../testing';

const meta: CommandMeta = { tenant: 'acme', actor: 'ana' };
const asked = (key: string, fingerprint = 'this'): CommandMeta => ({
  ...meta,
  idempotency: { key, fingerprint },
});
const notFound = refuse({ code: 'not_found', what: 'exception', id: 'x' });
const malformed = refuse({ code: 'invalid_value', field: 'notes', problem: 'must not be blank' });

/** A use case that counts how often it worked, and comes to what it is told. */
function counter() {
  const ports = { uow: new InMemoryUnitOfWork(), clock: fixedClock, newId: sequentialIds() };
  let worked = 0;
  return {
    ports,
    worked: () => worked,
    work: <A = Result<number>>(
      request: CommandMeta,
      outcome?: Result<number>,
      reply?: ReplyCodec<number, A>,
    ) =>
      runOnce(
        ports,
        { ...request, reply },
        async () => 'loaded',
        async () => outcome ?? ok(++worked),
      ),
  };
}

describe('a use case', () => {
  it('is told what was loaded, who asks, and when', async () => {
    const { ports } = counter();
    const seen = await runOnce(
      ports,
      meta,
      async () => 'loaded',
      async (loaded, _tx, { actor, now: at, newId }) => ok([loaded, actor, at, newId()]),
    );
    expect(seen).toEqual(ok(['loaded', 'ana', now, sequentialIds()()]));
  });

  it('loads before it looks for an earlier reply', async () => {
    const { ports } = counter();
    const steps: string[] = [];
    const watched = {
      ...ports,
      uow: {
        run: <T>(session: { tenant: string }, work: (tx: Transaction) => Promise<Result<T>>) =>
          ports.uow.run(session, (tx) => {
            const find = () => (steps.push('find'), tx.replies.find());
            return work({ ...tx, replies: { ...tx.replies, find } });
          }),
      },
    };
    await runOnce(
      watched,
      asked('k'),
      async () => steps.push('load'),
      async () => ok(steps.push('work')),
    );
    expect(steps).toEqual(['load', 'find', 'work']);
  });

  it('works each time without a key', async () => {
    const { work } = counter();
    expect(await work(meta)).toEqual(ok(1));
    expect(await work(meta)).toEqual(ok(2));
  });

  it('works once for one key', async () => {
    const { work, worked } = counter();
    expect(await work(asked('k'))).toEqual(ok(1));
    expect(await work(asked('k'))).toEqual(ok(1));
    expect(await work(asked('other'))).toEqual(ok(2));
    expect(worked()).toBe(2);
  });

  it('refuses a key that was used for something else, before and after', async () => {
    const { work } = counter();
    const reused = refuse({ code: 'idempotency_key_reused' });
    await work(asked('k', 'this'));
    expect(await work(asked('k', 'that'))).toEqual(reused);
    expect(await work(asked('k', 'this'))).toEqual(ok(1));
    expect(await work(asked('k', 'that'))).toEqual(reused);
  });

  it('stays refused under its key', async () => {
    const { work, worked } = counter();
    expect(await work(asked('k'), notFound)).toEqual(notFound);
    expect(await work(asked('k'))).toEqual(notFound);
    expect(worked()).toBe(0);
  });

  it('leaves its key usable when it was malformed', async () => {
    const { work } = counter();
    expect(await work(asked('k', 'malformed'), malformed)).toEqual(malformed);
    expect(await work(asked('k'))).toEqual(ok(1));
  });

  it('lets errors out, and leaves its key usable', async () => {
    const { ports, work } = counter();
    const broken = runOnce(
      ports,
      asked('k'),
      async () => undefined,
      () => Promise.reject(new Error('out of paper')),
    );
    await expect(broken).rejects.toThrow('out of paper');
    expect(await work(asked('k'))).toEqual(ok(1));
  });
});

describe('a reply codec', () => {
  const shouting: ReplyCodec<number, string> = {
    present: (outcome) => (outcome.ok ? `NUMBER ${outcome.value}!` : `NO: ${outcome.refusal.code}!`),
    encode: (answer) => `<${answer}>`,
    decode: (kept) => `again ${kept}`,
  };

  it('presents the outcome, encodes the answer to be kept, and decodes it for a repeated request', async () => {
    const { work } = counter();
    expect(await work(asked('k'), undefined, shouting)).toBe('NUMBER 1!');
    expect(await work(asked('k'), undefined, shouting)).toBe('again <NUMBER 1!>');
  });

  it('presents refusals as well', async () => {
    const { work } = counter();
    expect(await work(asked('k'), notFound, shouting)).toBe('NO: not_found!');
    expect(await work(asked('k'), undefined, shouting)).toBe('again <NO: not_found!>');
    expect(await work(asked('k', 'that'), undefined, shouting)).toBe('NO: idempotency_key_reused!');
    expect(await work(asked('new'), malformed, shouting)).toBe('NO: invalid_value!');
  });

  it('encodes nothing where there is no key', async () => {
    const { work } = counter();
    const encode = jest.fn(shouting.encode);
    expect(await work(meta, undefined, { ...shouting, encode })).toBe('NUMBER 1!');
    expect(encode).not.toHaveBeenCalled();
  });
});

describe('an expected version', () => {
  it('is met, or refused with both versions', () => {
    expect(atVersion(meta, 3)).toEqual(ok(undefined));
    expect(atVersion({ ...meta, expectedVersion: 3 }, 3)).toEqual(ok(undefined));
    expect(atVersion({ ...meta, expectedVersion: 2 }, 3)).toEqual(
      refuse({ code: 'stale_version', expected: 2, actual: 3 }),
    );
  });
});

describe('a preview', () => {
  const preview = (key: string): CommandMeta => ({ ...asked(key), preview: true });

  it('tells what would come of it, and remembers nothing', async () => {
    const { work, worked } = counter();
    expect(await work(preview('k'))).toEqual(ok(1));
    expect(await work(preview('k'), notFound)).toEqual(notFound);
    expect(await work(preview('k'), malformed)).toEqual(malformed);
    expect(worked()).toBe(1);
    expect(await work(asked('k', 'something else'))).toEqual(ok(2));
  });

  it('is not answered from an earlier reply, nor refused for it', async () => {
    const { work } = counter();
    expect(await work(asked('k', 'that'))).toEqual(ok(1));
    expect(await work(preview('k'))).toEqual(ok(2));
    expect(await work(asked('k', 'that'))).toEqual(ok(1));
  });

  it('runs dry, without a key', async () => {
    const { ports } = counter();
    const sessions: Session[] = [];
    const watched: Ports = {
      ...ports,
      uow: { run: (session, work) => (sessions.push(session), ports.uow.run(session, work)) },
    };
    for (const request of [preview('k'), asked('k'), { ...meta, preview: false }, meta]) {
      await runOnce(
        watched,
        request,
        async () => undefined,
        async () => ok(undefined),
      );
    }
    const { tenant } = meta;
    expect(sessions).toEqual([{ tenant, dryRun: true }, { tenant, replyKey: 'k' }, { tenant }, { tenant }]);
  });

  it('is answered, and its answer is not kept', async () => {
    const { work } = counter();
    const reply: ReplyCodec<number, string> = {
      present: (outcome) => (outcome.ok ? 'yes' : 'no'),
      encode: jest.fn((answer) => answer),
      decode: (kept) => kept,
    };
    expect(await work(preview('k'), undefined, reply)).toBe('yes');
    expect(reply.encode).not.toHaveBeenCalled();
  });
});
