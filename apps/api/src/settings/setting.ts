import type { Ports, ReplyStore, Timestamp, Page, PageRequest } from '@redress/domain';

/** What a tenant laid down from a moment on. Versions are only ever added, and the last one holds. */
export type Version<Said> = Said &
  Readonly<{ id: string; version: number; createdAt: Timestamp; createdBy: string }>;

/** What the commands ask of the database: the domain's promises about a unit of work hold for this one, too. */
export interface SettingTransaction<Said> {
  readonly versions: {
    latest(): Promise<Version<Said> | undefined>;
    /** Does not commit when somebody else has added this version. */
    add(version: Version<Said>): Promise<void>;
  };
  readonly replies: ReplyStore;
}

export type SettingPorts<Said> = Ports<SettingTransaction<Said>>;

export abstract class SettingReads<Said> {
  abstract latest(tenant: string): Promise<Version<Said> | undefined>;
  abstract versions(tenant: string, page: PageRequest): Promise<Page<Version<Said>>>;
}
