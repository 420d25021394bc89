import type { ListedAdjustment, ReversalOutcome } from '@redress/domain';
import { exceptionAnswer, exceptionBody, withMoney, type Wire } from '../exception-dto/exception.presenter';
import { HttpAnswer } from '../http/http-answer';

export const adjustmentBody = (adjustment: ListedAdjustment): Wire => withMoney(adjustment);

/** 201 when it is posted; 200 with the resolved exception when it awaits approval. */
export const reversalAnswer = (outcome: ReversalOutcome): HttpAnswer => {
  if ('proposed' in outcome) return exceptionAnswer(200)(outcome.proposed);
  const { adjustment, reopened } = outcome;
  return HttpAnswer.json(201, {
    reversal: adjustmentBody(adjustment),
    exception: exceptionBody(reopened.state),
  });
};
