import assert from 'node:assert/strict';
import { ExceptionDesk } from '../../desks/exception-desk';
import { defaultPolicy } from '../../exception/policy';
import { plusHours } from '../../value/timestamp';
import { now } from '../builders';
import { accepted, atOnce, present, type Promises, type Setting } from './setting';

const { external: hours } = defaultPolicy.flagAfterHours;
const tooLong = plusHours(now, hours);

/** The desk as it would be so many hours later. */
const deskIn = ({ harness: { uow, newId } }: Setting, later: number): ExceptionDesk =>
  new ExceptionDesk({ uow, newId, clock: () => new Date(plusHours(now, later)) });

async function dispatched({ exceptions, raised, meta }: Setting): Promise<string> {
  const { id } = await raised();
  const command = { type: 'dispatch', target: 'MANUAL' } as const;
  const { deadline } = accepted(await exceptions.handle(id, command, meta()));
  assert.equal(deadline, tooLong);
  return id;
}

const flags = async ({ history }: Setting, id: string): Promise<number> =>
  (await history(id)).filter(({ type }) => type === 'exception.waits_too_long').length;

/** What waits too long is flagged, once for each wait. */
export const deadlines: Promises = {
  'flags what waits too long once, however often and from wherever it is rung': async (setting) => {
    const id = await dispatched(setting);
    const early = await deskIn(setting, hours - 1).meetDeadline(setting.tenant, id);
    assert.deepEqual(accepted(early), { later: tooLong });
    const rung = await atOnce(10, () => deskIn(setting, hours).meetDeadline(setting.tenant, id));
    assert.equal(rung.filter((outcome) => accepted(outcome) !== undefined).length, 1);
    const { exception } = present(await setting.exception(id));
    assert.deepEqual([exception.pending, exception.flaggedAt, exception.version], ['external', tooLong, 3]);
    assert.equal(await flags(setting, id), 1);
  },

  'forgets the flag with the wait, and flags the next one': async (setting) => {
    const id = await dispatched(setting);
    const { tenant, meta } = setting;
    const late = deskIn(setting, hours);
    await late.meetDeadline(tenant, id);
    accepted(await late.handle(id, { type: 'recall' }, meta()));
    assert.equal(present(await setting.exception(id)).exception.flaggedAt, undefined);
    accepted(await late.handle(id, { type: 'dispatch', target: 'MANUAL' }, meta()));
    const again = plusHours(tooLong, hours);
    assert.deepEqual(accepted(await late.meetDeadline(tenant, id)), { later: again });
    await deskIn(setting, 2 * hours).meetDeadline(tenant, id);
    assert.equal(present(await setting.exception(id)).exception.flaggedAt, again);
    assert.equal(await flags(setting, id), 2);
  },
};
