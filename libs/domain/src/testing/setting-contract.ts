import {
  freshSettings,
  settingVersions,
  type SettingHarness,
  type SettingStores,
} from './contract/setting-versions';
import type { ContractCase } from './storage-contract';

export type { SettingHarness, SettingStores };

/** What the domain expects of the stores and reads of settings, for any test runner, as `storageContract`. */
export const settingContract = (make: () => Promise<SettingHarness>): readonly ContractCase[] =>
  Object.entries(settingVersions).map(([name, keep]) => ({
    name,
    run: async () => keep(freshSettings(await make())),
  }));
