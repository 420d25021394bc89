import type { Page, PageRequest } from '../ports/reads';
import { SettingReads, type SettingTransaction, type SettingVersion } from '../ports/setting-store';
import type { Session, UnitOfWork } from '../ports/stores';
import type { Result } from '../result';
import { repliesIn, type InMemoryDatabase } from './database';
import type { SettingName, Tables } from './tables';
import { pageOf, sortableCount } from './paging';

/** The versions of a setting, which are all of one kind: that of its desk. */
const versionsIn = <Value extends object>(
  t: Tables,
  setting: SettingName,
): readonly SettingVersion<Value>[] =>
  (t.settings.get(setting) ?? []) as readonly object[] as readonly SettingVersion<Value>[];

/** Units of work over one setting. The latest version is what decisions about exceptions read. */
export class InMemorySettingUnitOfWork<Value extends object> implements UnitOfWork<
  SettingTransaction<Value>
> {
  constructor(
    private readonly database: InMemoryDatabase,
    private readonly setting: SettingName,
  ) {}

  run<T>(session: Session, work: (tx: SettingTransaction<Value>) => Promise<Result<T>>): Promise<Result<T>> {
    const begin = (t: Tables, replyKey: string | undefined): SettingTransaction<Value> => ({
      versions: {
        latest: async () => versionsIn<Value>(t, this.setting).at(-1),
        add: async (version) => {
          const all = versionsIn<Value>(t, this.setting);
          if (all.some((one) => one.version === version.version))
            return Promise.reject(new Error(`There is a version ${version.version} of ${this.setting}.`));
          t.settings.set(this.setting, [...all, version]);
        },
      },
      replies: repliesIn(t, replyKey),
    });
    return this.database.run(session, begin, work);
  }
}

export class InMemorySettingReads<Value extends object> extends SettingReads<Value> {
  constructor(
    private readonly database: InMemoryDatabase,
    private readonly setting: SettingName,
  ) {
    super();
  }

  async latest(tenant: string): Promise<SettingVersion<Value> | undefined> {
    return versionsIn<Value>(this.database.tablesOf(tenant), this.setting).at(-1);
  }

  async versions(tenant: string, page: PageRequest): Promise<Page<SettingVersion<Value>>> {
    return pageOf(
      versionsIn<Value>(this.database.tablesOf(tenant), this.setting),
      page,
      ({ version, id }) => ({ sortValue: sortableCount(version), id }),
      (version) => version,
    );
  }
}
