import type { ControlledTerms } from '../resolution/policy-change';
import type { AcceptedReasons, ReasonCodes } from '../resolution/reason-codes';
import type { Timestamp } from '../value/timestamp';
import type { Page, PageRequest } from './reads';
import type { Ports, ReplyStore } from './stores';

/** One version of a setting of a tenant. Versions are only ever added, counted from 1; the latest one is in force. */
export type SettingVersion<Value extends object> = Value &
  Readonly<{ id: string; version: number; createdAt: Timestamp; createdBy: string }>;

/** The stores of a unit of work over one setting. The promises of `UnitOfWork` hold for it as well. */
export interface SettingTransaction<Value extends object> {
  readonly versions: {
    /** The version in force; undefined when the tenant has never set one. */
    latest(): Promise<SettingVersion<Value> | undefined>;
    /** Does not commit when there is a version of this number already. */
    add(version: SettingVersion<Value>): Promise<void>;
  };
  readonly replies: ReplyStore;
}

/** What the desk of a setting needs of its host. */
export type SettingPorts<Value extends object> = Ports<SettingTransaction<Value>>;

/** The versions of one setting, sorted by their number. Nothing of another tenant is among them. */
export abstract class SettingReads<Value extends object> {
  /** The version in force; undefined when the tenant has never set one. */
  abstract latest(tenant: string): Promise<SettingVersion<Value> | undefined>;
  /** One page of all versions. */
  abstract versions(tenant: string, page: PageRequest): Promise<Page<SettingVersion<Value>>>;
}

/** The approval policy: what takes more than one person. A version may hold a proposed change of its terms. */
export type ApprovalRules = ControlledTerms;
/** The versions of the approval policy. */
export abstract class ApprovalPolicyReads extends SettingReads<ApprovalRules> {}

/** The reason codes that commands may give. `accepted` is derived, and is what every decision reads. */
export type ReasonLists = Readonly<{ commands: ReasonCodes; accepted: AcceptedReasons }>;
/** The versions of the reason codes. */
export abstract class ReasonCodesReads extends SettingReads<ReasonLists> {}
