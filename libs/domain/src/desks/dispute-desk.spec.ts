import { ExceptionDesk } from './exception-desk';
import { InMemoryUnitOfWork } from '../in-memory';
import type { CommandMeta } from './command-meta';
import { refuse } from '../result';
import { aReport, fixedClock, sampleCommands, sequentialIds } from '../testing';
import { accepted } from '../testing/outcomes';
import { DisputeDesk } from './dispute-desk';

const { dispute: sample, exception: ofExceptions } = sampleCommands;
const meta: CommandMeta = { tenant: 'acme', actor: 'ana' };
const nobody = '019b7c00-0000-7000-8000-000000000404';
const opening = { category: 'OTHER', description: 'Wrong.' } as const;

async function aDesk() {
  const uow = new InMemoryUnitOfWork();
  const ports = { uow, clock: fixedClock, newId: sequentialIds() };
  const exceptions = new ExceptionDesk(ports);
  const desk = new DisputeDesk(ports);
  const { id: exceptionId } = accepted(await exceptions.raise(aReport(), meta)).state;
  return {
    desk,
    exceptions,
    exceptionId,
    opened: async () => accepted(await desk.open(exceptionId, opening, meta)).state,
    types: () => uow.history('acme', exceptionId).map(({ type }) => type),
  };
}

describe('the desk of disputes', () => {
  it('opens, handles and finds, in the history of the exception', async () => {
    const { desk, opened, exceptionId, types } = await aDesk();
    const dispute = await opened();
    expect(dispute.exceptionId).toBe(exceptionId);
    const { state } = accepted(await desk.handle(dispute.id, sample.submit_evidence, meta));
    expect(accepted(await desk.find('acme', dispute.id)).dispute).toEqual(state);
    expect(types()).toEqual(['exception.raised', 'dispute.opened', 'dispute.evidence_submitted']);
  });

  it('says what it cannot find', async () => {
    const { desk, opened } = await aDesk();
    const { id } = await opened();
    const dispute = refuse({ code: 'not_found', what: 'dispute', id: nobody });
    expect(await desk.find('acme', nobody)).toEqual(dispute);
    expect(await desk.handle(nobody, sample.win, meta)).toEqual(dispute);
    expect(await desk.open(nobody, opening, meta)).toEqual(
      refuse({ code: 'not_found', what: 'exception', id: nobody }),
    );
    expect(await desk.find('other', id)).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
  });

  it('opens one of a category at a time, and another once that has ended', async () => {
    const { desk, opened, exceptionId } = await aDesk();
    const { id } = await opened();
    expect(await desk.open(exceptionId, opening, meta)).toEqual(
      refuse({ code: 'dispute_active', disputeId: id, category: 'OTHER' }),
    );
    accepted(await desk.open(exceptionId, { ...opening, category: 'BANK_FEE_ERROR' }, meta));
    accepted(await desk.handle(id, sample.lose, meta));
    const second = await opened();
    expect(await desk.handle(id, sample.reopen, meta)).toEqual(
      refuse({ code: 'dispute_active', disputeId: second.id, category: 'OTHER' }),
    );
    accepted(await desk.handle(second.id, sample.win, meta));
    accepted(await desk.handle(id, sample.reopen, meta));
  });

  it('opens disputes of an exception in any status', async () => {
    const { opened, exceptions, exceptionId } = await aDesk();
    accepted(await exceptions.handle(exceptionId, ofExceptions.resolve, meta));
    expect((await opened()).state).toBe('OPEN');
  });

  it('handles only the version that was asked for: of the dispute, or when opening of the exception', async () => {
    const { desk, exceptionId, types } = await aDesk();
    expect(await desk.open(exceptionId, opening, { ...meta, expectedVersion: 7 })).toEqual(
      refuse({ code: 'stale_version', expected: 7, actual: 1 }),
    );
    const { id } = accepted(await desk.open(exceptionId, opening, { ...meta, expectedVersion: 1 })).state;
    accepted(await desk.handle(id, sample.request_evidence, { ...meta, expectedVersion: 1 }));
    expect(await desk.handle(id, sample.win, { ...meta, expectedVersion: 1 })).toEqual(
      refuse({ code: 'stale_version', expected: 1, actual: 2 }),
    );
    expect(types()).toHaveLength(3);
  });

  it('does the work of one key once', async () => {
    const { desk, exceptionId, types } = await aDesk();
    const asked = (key: string) => ({ ...meta, idempotency: { key, fingerprint: 'f' } });
    const first = await desk.open(exceptionId, opening, asked('open'));
    expect(await desk.open(exceptionId, opening, asked('open'))).toEqual(first);
    const { id } = accepted(first).state;
    const submitted = await desk.handle(id, sample.submit_evidence, asked('submit'));
    expect(await desk.handle(id, sample.submit_evidence, asked('submit'))).toEqual(submitted);
    expect(accepted(await desk.find('acme', id)).dispute.evidence).toHaveLength(1);
    expect(types()).toHaveLength(3);
  });

  it('is heard when the exception is resolved', async () => {
    const { opened, exceptions, exceptionId } = await aDesk();
    const { id } = await opened();
    const { events } = accepted(await exceptions.handle(exceptionId, ofExceptions.resolve, meta));
    expect(events[0]?.data).toEqual({ activeDisputes: [id] });
  });
});
