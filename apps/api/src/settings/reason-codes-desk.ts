import {
  acceptedReasons,
  ok,
  validateReasonCodes,
  refuse,
  type ReasonCodes,
  type Result,
} from '@redress/domain';
import { SettingDesk } from './setting-desk';
import type { ReasonLists } from './reason-codes';

/** What a tenant's people may give as a reason. */
export class ReasonDesk extends SettingDesk<ReasonCodes, ReasonLists> {
  protected meant(commands: ReasonCodes): Result<ReasonLists> {
    const flaw = validateReasonCodes(commands);
    return flaw ? refuse(flaw) : ok({ commands, accepted: acceptedReasons(commands) });
  }
}
