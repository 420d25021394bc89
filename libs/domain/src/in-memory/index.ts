export { InMemoryDatabase } from './database';
export type { SettingName } from './tables';
export { InMemoryUnitOfWork } from './unit-of-work';
export { InMemorySettingReads, InMemorySettingUnitOfWork } from './settings';
export { InMemoryApprovalReads, InMemoryReads, type InMemoryReadOptions } from './reads';
export { InMemoryDeliveries } from './deliveries';
export { InMemoryEndpointReads, InMemoryEndpointUnitOfWork } from './webhook-endpoints';
export { InMemoryConnections } from './connections';
export { InMemoryInbound } from './inbound-messages';
