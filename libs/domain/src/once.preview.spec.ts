import { InMemoryUnitOfWork } from './in-memory';
import { once, type Answering, type CommandMeta } from './once';
import type { Ports, Session } from './ports';
import { ok, refuse, type Result } from './result';
import { fixedClock, sequentialIds } from './testing';

const meta: CommandMeta = { tenant: 'acme', actor: 'ana' };
const asked = (key: string, fingerprint = 'this'): CommandMeta => ({ ...meta, once: { key, fingerprint } });
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
      answering?: Answering<number, A>,
    ) =>
      once(
        ports,
        request,
        async () => 'loaded',
        async () => outcome ?? ok(++worked),
        answering,
      ),
  };
}

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
      await once(
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
    const answering: Answering<number, string> = {
      answer: (outcome) => (outcome.ok ? 'yes' : 'no'),
      keep: jest.fn((answer) => answer),
      replay: (kept) => kept,
    };
    expect(await work(preview('k'), undefined, answering)).toBe('yes');
    expect(answering.keep).not.toHaveBeenCalled();
  });
});
