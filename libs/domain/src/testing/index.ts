export {
  aCallback,
  aComment,
  aDispatch,
  aContext,
  aDispute,
  anException,
  aReport,
  fixedClock,
  now,
  sampleCommands,
  sequentialIds,
  type Samples,
} from './builders';
export { inEveryDisputeState, inEveryStatus } from './in-every-status';
export { storageContract, type ContractCase, type StorageHarness } from './storage-contract';
export { moneyCorpus, type MoneyCase, type MoneyRefusal } from './money-corpus';
export { toMermaid, unreachable } from '../lifecycle';
export { webhookContract, type WebhookHarness } from './webhook-contract';
export { settingContract, type SettingHarness, type SettingStores } from './setting-contract';
export { readContract, type ReadHarness } from './read-contract';
export {
  connectionContract,
  inboundContract,
  type ConnectionHarness,
  type InboundHarness,
} from './integration-contracts';
export { jobContract, type JobHarness } from './job-contract';
