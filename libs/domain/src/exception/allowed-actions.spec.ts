import { commands } from '../lifecycle';
import { defaultPolicy } from './policy';
import { explain } from '../refusal';
import { aContext, anException, inEveryStatus, now, sampleCommands } from '../testing';
import { allowedActions } from './allowed-actions';
import { decide } from './exception';
import { exceptionLifecycle } from './exception.lifecycle';
import { noFacts, type ExceptionFacts } from './exception.facts';

const types = commands(exceptionLifecycle);
const disputed: ExceptionFacts = { ...noFacts, activeDisputes: [{ id: 'd1', category: 'OTHER' }] };
const out: ExceptionFacts = {
  ...noFacts,
  liveDispatches: [{ id: 'out', target: 'JIRA', externalReference: 'OPS-1' }],
};

describe.each(Object.entries(inEveryStatus))(
  'what is allowed with an exception that is %s',
  (_name, exception) => {
    it.each(types)('is what deciding on %s comes to', (type) => {
      for (const actor of ['ana', 'bo']) {
        for (const facts of [noFacts, disputed, out, { ...disputed, ...out }]) {
          for (const disputeBlocksResolving of [false, true]) {
            const policy = { ...defaultPolicy, disputeBlocksResolving };
            const outcome = decide(
              exception,
              sampleCommands.exception[type],
              aContext({ actor }),
              facts,
              policy,
            );
            expect(allowedActions(exception, { actor, now }, facts, policy)[type]).toEqual(
              outcome.ok
                ? { allowed: true }
                : { allowed: false, code: outcome.refusal.code, reason: explain(outcome.refusal) },
            );
          }
        }
      }
    });
  },
);

describe('allowed actions', () => {
  it('name every command, in the order of the table', () => {
    expect(Object.keys(allowedActions(anException(), { actor: 'ana', now }))).toEqual(types);
  });

  it('say why not', () => {
    const actions = allowedActions(anException(), { actor: 'ana', now });
    expect(actions.assign).toEqual({ allowed: true });
    expect(actions.unassign).toEqual({
      allowed: false,
      code: 'not_allowed',
      reason: expect.stringContaining('possible now: assign, force_match'),
    });
  });

  it('depend on who asks', () => {
    const waiting = inEveryStatus['PENDING_RESOLUTION for approval']!;
    expect(allowedActions(waiting, { actor: waiting.proposal!.proposedBy, now }).confirm).toMatchObject({
      code: 'own_proposal',
    });
    expect(allowedActions(waiting, { actor: 'somebody else', now }).confirm).toEqual({ allowed: true });
  });
});
