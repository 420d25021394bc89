import { defined } from '../value/defined';
import type { DispatchTarget } from '../value/dispatch-target';
import type { ContentRule } from './exception.facts';

export const connected: ContentRule<{ target: DispatchTarget }> = ({ policy }, { target }) =>
  target === 'MANUAL' || policy.connectors.includes(target)
    ? undefined
    : { code: 'connector_not_configured', target };

/** One live ticket for each target. Only a pending one can be recalled; one that was taken up stays until the resolution. */
export const notDispatchedYet: ContentRule<{ target: DispatchTarget }> = (
  { exception, facts },
  { target },
) => {
  const live = facts.liveDispatches.find((dispatch) => dispatch.target === target);
  if (!live) return undefined;
  const beyondRecall = exception.pending === undefined ? (true as const) : undefined;
  const { externalReference: reference } = live;
  return defined({ code: 'already_dispatched' as const, target, reference, beyondRecall });
};
