import { ExceptionDesk } from './exception-desk';
import { InMemoryUnitOfWork } from '../in-memory';
import type { CommandMeta } from './command-meta';
import { refuse } from '../result';
import { aReport, fixedClock, sampleCommands, sequentialIds } from '../testing';
import { accepted } from '../testing/outcomes';
import { CommentDesk } from './comment-desk';

const { comment: sample, exception: ofExceptions } = sampleCommands;
const meta: CommandMeta = { tenant: 'acme', actor: 'ana' };
const nobody = '019b7c00-0000-7000-8000-000000000404';

async function aDesk() {
  const uow = new InMemoryUnitOfWork();
  const ports = { uow, clock: fixedClock, newId: sequentialIds() };
  const exceptions = new ExceptionDesk(ports);
  const desk = new CommentDesk(ports);
  const raised = async (reason: string) =>
    accepted(await exceptions.raise(aReport({ reason }), meta)).state.id;
  const exceptionId = await raised('LATE');
  return {
    desk,
    exceptions,
    exceptionId,
    elsewhere: await raised('LOST'),
    added: async (content = 'Looks odd.') => accepted(await desk.add(exceptionId, content, meta)).state,
    comments: () => uow.comments('acme', exceptionId),
    types: () => uow.history('acme', exceptionId).map(({ type }) => type),
  };
}

describe('the desk of comments', () => {
  it('adds, edits and deletes, in the history of the exception', async () => {
    const { desk, exceptionId, added, comments, types } = await aDesk();
    const [one, two] = [await added('One.'), await added('Two.')];
    expect(comments()).toEqual([one, two]);
    const edited = accepted(await desk.handle(exceptionId, one.id, sample.edit_comment, meta)).state;
    expect(comments()).toEqual([edited, two]);
    accepted(await desk.handle(exceptionId, one.id, sample.delete_comment, meta));
    expect(comments()).toEqual([two]);
    expect(types().slice(1)).toEqual(['comment.added', 'comment.added', 'comment.edited', 'comment.deleted']);
  });

  it('takes comments in every status, and leaves the exception as it is', async () => {
    const { added, exceptions, exceptionId } = await aDesk();
    const { assign, dispatch, confirm } = ofExceptions;
    for (const command of [assign, dispatch, confirm]) {
      const { state } = accepted(await exceptions.handle(exceptionId, command, meta));
      await added();
      expect(accepted(await exceptions.find('acme', exceptionId)).exception).toEqual(state);
    }
  });

  it('says what it cannot find', async () => {
    const { desk, exceptionId, elsewhere, added } = await aDesk();
    const { id } = await added();
    expect(await desk.add(nobody, 'Hello?', meta)).toEqual(
      refuse({ code: 'not_found', what: 'exception', id: nobody }),
    );
    const edit = (exception: string, comment: string, tenant = 'acme') =>
      desk.handle(exception, comment, sample.edit_comment, { ...meta, tenant });
    const unknown = refuse({ code: 'not_found', what: 'comment', id: nobody });
    const notThere = refuse({ code: 'not_found', what: 'comment', id });
    expect(await edit(exceptionId, nobody)).toEqual(unknown);
    expect(await edit(elsewhere, id)).toEqual(notThere);
    expect(await edit(nobody, id)).toEqual(notThere);
    expect(await edit(exceptionId, id, 'other')).toEqual(notThere);
    accepted(await desk.handle(exceptionId, id, sample.delete_comment, meta));
    for (const command of Object.values(sample)) {
      expect(await desk.handle(exceptionId, id, command, meta)).toEqual(notThere);
    }
  });

  it('changes nothing when it refuses', async () => {
    const { desk, exceptionId, added, comments, types } = await aDesk();
    const before = await added();
    const bo = { ...meta, actor: 'bo' };
    for (const command of Object.values(sample)) {
      expect(await desk.handle(exceptionId, before.id, command, bo)).toEqual(
        refuse({ code: 'not_author', author: 'ana' }),
      );
    }
    expect(await desk.add(exceptionId, ' ', meta)).toMatchObject({ refusal: { field: 'content' } });
    expect(comments()).toEqual([before]);
    expect(types()).toHaveLength(2);
  });

  it('handles only the version that was asked for: of the comment, or when adding of the exception', async () => {
    const { desk, exceptionId, types } = await aDesk();
    const at = (expectedVersion: number) => ({ ...meta, expectedVersion });
    expect(await desk.add(exceptionId, 'Looks odd.', at(7))).toEqual(
      refuse({ code: 'stale_version', expected: 7, actual: 1 }),
    );
    const { id } = accepted(await desk.add(exceptionId, 'Looks odd.', at(1))).state;
    accepted(await desk.handle(exceptionId, id, sample.edit_comment, at(1)));
    expect(await desk.handle(exceptionId, id, sample.delete_comment, at(1))).toEqual(
      refuse({ code: 'stale_version', expected: 1, actual: 2 }),
    );
    expect(types()).toHaveLength(3);
  });

  it('does the work of one key once', async () => {
    const { desk, exceptionId, comments, types } = await aDesk();
    const asked = (key: string) => ({ ...meta, idempotency: { key, fingerprint: 'f' } });
    const first = await desk.add(exceptionId, 'Looks odd.', asked('add'));
    expect(await desk.add(exceptionId, 'Looks odd.', asked('add'))).toEqual(first);
    const { id } = accepted(first).state;
    const deleted = await desk.handle(exceptionId, id, sample.delete_comment, asked('delete'));
    expect(await desk.handle(exceptionId, id, sample.delete_comment, asked('delete'))).toEqual(deleted);
    expect(deleted.ok).toBe(true);
    expect(comments()).toEqual([]);
    expect(types()).toHaveLength(3);
  });

  it('tells beforehand what it would do', async () => {
    const { desk, exceptionId, added, comments, types } = await aDesk();
    const preview = { ...meta, preview: true };
    const before = await added();
    expect(accepted(await desk.add(exceptionId, 'Another.', preview)).state.content).toBe('Another.');
    accepted(await desk.handle(exceptionId, before.id, sample.delete_comment, preview));
    expect(comments()).toEqual([before]);
    expect(types()).toHaveLength(2);
  });
});
