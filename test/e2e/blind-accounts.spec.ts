import { startTestApp, type Json, type Person, type TestApp } from '../support/app';
import { connect } from '../support/connections';
import type { FakeSystem, Faults } from '../support/fake-systems';
import { Outside } from '../support/outside';
import { ownerOf, type Owner } from '../support/owner';
import { lookUntil } from '../support/until';

/*
 * Accounts that may create but not read, and searches that are blind: no look-up finds anything, and absence proves nothing
 * unless the account was proven to see what it creates.
 */

let outside: Outside;
let service: TestApp;
let owner: Owner;
let ana: Person;

beforeAll(async () => {
  outside = await Outside.start();
  service = await startTestApp({ ...outside.env, WORKERS: '4' });
  owner = ownerOf(service.database.url);
}, 60_000);
afterAll(async () => {
  await owner.end();
  await service.close();
  await outside.stop();
});
beforeEach(async () => {
  await outside.reset();
  ana = service.person();
});

type Blind = 'JIRA' | 'SERVICENOW';
const fakeOf = (target: Blind): FakeSystem => (target === 'JIRA' ? outside.jira : outside.serviceNow);
const created = async (target: Blind): Promise<number> => (await fakeOf(target).tickets()).length;

async function dispatched(target: Blind, faults: Faults): Promise<string> {
  await connect(ana, target, outside.settings[target]);
  await fakeOf(target).faults({ createOnly: !faults.blindSearch, ...faults });
  const { id } = await ana.raise();
  const answer = await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: target });
  expect([answer.status, answer.body.acknowledged]).toEqual([200, false]);
  return id;
}

const dispatchOf = async (exceptionId: string): Promise<Json> =>
  (await ana.get(`/v1/exceptions/${exceptionId}/dispatches`)).body.items[0];
const becomes = (exceptionId: string, isSo: (dispatch: Json) => boolean): Promise<Json> =>
  lookUntil(() => dispatchOf(exceptionId), isSo, 30_000);

/** It has been looked up over its settle time, and again after that only minutes later. */
const isOnlyLookedUp = ({ state, attempts, nextAttemptAt }: Json): boolean =>
  state === 'UNKNOWN' && attempts >= 2 && Date.parse(nextAttemptAt) - Date.now() > 60_000;

/** The last look-up of the schedule is made now, three days early. */
async function atTheEnd(exceptionId: string): Promise<Json> {
  await owner.rows(
    `UPDATE dispatch SET attempts = 9, next_attempt_at = now(), version = version + 1 WHERE exception_id = $1`,
    [exceptionId],
  );
  await owner.rows('UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key IS NOT NULL');
  return becomes(exceptionId, ({ state }) => state === 'DEAD');
}

const sendsIn = ({ history }: Json): string[] =>
  history.filter(({ kind }: Json) => kind === 'send').map(({ outcome }: Json) => outcome);

describe('ServiceNow that says 201 and not as what', () => {
  it('has one incident, however long it is not found and however often it is redriven', async () => {
    const exceptionId = await dispatched('SERVICENOW', {});
    const waiting = await becomes(exceptionId, isOnlyLookedUp);
    expect(waiting).toMatchObject({ sends: 1, doubtfulSends: 0, receivedAt: expect.any(String) });
    expect(waiting.lastError).toMatch(
      /^ServiceNow answered 201, but not with what it created\. It is the record [0-9a-f]{32}, which this account may not read/,
    );
    expect(sendsIn(waiting)).toEqual(['received']);

    const dead = await atTheEnd(exceptionId);
    expect(dead.lastError).toMatch(
      /said that it created it, .* Check in the external system .* answer for this/,
    );
    const redriven = await ana.post(`/v1/dispatches/${dead.id}/redrive`);
    expect([redriven.status, redriven.body.state]).toEqual([200, 'UNKNOWN']);
    await atTheEnd(exceptionId);
    expect(await created('SERVICENOW')).toBe(1);

    const [incident] = await outside.serviceNow.tickets();
    const answer = { arrived: true, reference: incident!.key };
    const answered = await ana.post(`/v1/dispatches/${dead.id}/answer`, answer);
    expect(answered.body).toMatchObject({ state: 'CONFIRMED', sends: 1, externalReference: incident!.key });
    const exception = await ana.get(`/v1/exceptions/${exceptionId}`);
    expect(exception.body).toMatchObject({ status: 'PENDING_RESOLUTION', externalIssueId: incident!.key });
  }, 90_000);

  it('is found as soon as the account may read', async () => {
    const exceptionId = await dispatched('SERVICENOW', {});
    await becomes(exceptionId, ({ receivedAt }) => receivedAt !== undefined);
    await outside.serviceNow.faults();
    const found = await becomes(exceptionId, ({ state }) => state === 'CONFIRMED');
    const [incident] = await outside.serviceNow.tickets();
    expect(found).toMatchObject({ sends: 1, externalReference: incident!.key });
  }, 60_000);

  it('would have another one, if the success were forgotten and the count of rows were wrong', async () => {
    const exceptionId = await dispatched('SERVICENOW', {});
    await becomes(exceptionId, isOnlyLookedUp);
    await outside.serviceNow.faults({ blindSearch: true });
    await owner.rows(
      `UPDATE dispatch SET received_at = NULL, next_attempt_at = now(), version = version + 1 WHERE exception_id = $1`,
      [exceptionId],
    );
    await owner.rows('UPDATE graphile_worker._private_jobs SET run_at = now() WHERE key IS NOT NULL');
    await lookUntil(
      () => created('SERVICENOW'),
      (count) => count === 2,
    );
  }, 60_000);
});

describe('a search of Jira that finds nothing', () => {
  it('leads to one issue where the answer arrives', async () => {
    await connect(ana, 'JIRA', outside.settings.JIRA);
    await outside.jira.faults({ createOnly: true });
    const { id } = await ana.raise();
    expect(
      (await ana.post(`/v1/exceptions/${id}/dispatch`, { targetSystem: 'JIRA' })).body.acknowledged,
    ).toBe(true);
    expect(await created('JIRA')).toBe(1);
  });

  it.each<[Blind, Faults, RegExp]>([
    ['JIRA', {}, /The search shows nothing that this account created in OPS, so it cannot tell\.$/],
    ['SERVICENOW', {}, /ServiceNow has 1 rows with this correlation_id, which the account may not read/],
    ['JIRA', { newAccount: true, blindSearch: true }, /The search shows nothing that this account created/],
    ['SERVICENOW', { uncounted: true, blindSearch: true }, /does not count the rows it hides/],
  ])(
    'leaves a lost answer of %s to a person, with %j: one ticket, and the reason',
    async (target, faults, reason) => {
      const exceptionId = await dispatched(target, { lostAnswer: 1, only: 'writes', ...faults });
      const dead = await becomes(exceptionId, ({ state }) => state === 'DEAD');
      expect(dead).toMatchObject({ sends: 1, doubtfulSends: 1 });
      expect(dead.lastError).toMatch(
        /^It was sent once without a clear answer, .* Check in the external system/,
      );
      expect(dead.lastError).toMatch(reason);
      expect(await created(target)).toBe(1);

      // Once the account sees what it creates, a redrive finds it.
      await fakeOf(target).faults();
      expect((await ana.post(`/v1/dispatches/${dead.id}/redrive`)).status).toBe(200);
      const found = await becomes(exceptionId, ({ state }) => state === 'CONFIRMED');
      const [ticket] = await fakeOf(target).tickets();
      expect(found).toMatchObject({ sends: 1, externalReference: ticket!.key });
    },
    60_000,
  );

  it('leads to one resend where the account is seen to see, and to no third issue', async () => {
    const exceptionId = await dispatched('JIRA', { lostAnswer: 1, only: 'writes', blindSearch: true });
    const waiting = await becomes(
      exceptionId,
      (dispatch) => dispatch.sends === 2 && isOnlyLookedUp(dispatch),
    );
    expect(waiting).toMatchObject({ doubtfulSends: 2 });
    const dead = await atTheEnd(exceptionId);
    expect(dead.lastError).toMatch(/sent 2 times without a clear answer, .* Check in the external system/);
    expect((await ana.post(`/v1/dispatches/${dead.id}/redrive`)).status).toBe(200);
    expect(sendsIn(await atTheEnd(exceptionId))).toEqual(['unknown', 'unknown']);
    expect(await created('JIRA')).toBe(2);
  }, 90_000);
});
