export type { Authenticate, HostCaller } from './auth/host.guard';
export type { LogStream } from './observability/logging';
export { createRedressApi, type RedressApi, type RedressApiOptions } from './redress-api';
