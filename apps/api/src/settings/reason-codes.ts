import type { AcceptedReasons, ReasonCodes } from '@redress/domain';
import { SettingReads, type Version } from './setting';

/** What a tenant's people may give as a reason. `accepted` is what is read for every decision, so it is kept ready. */
export type ReasonLists = Readonly<{ commands: ReasonCodes; accepted: AcceptedReasons }>;
export type ReasonVersion = Version<ReasonLists>;

export abstract class ReasonReads extends SettingReads<ReasonLists> {}
