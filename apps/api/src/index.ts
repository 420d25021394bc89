export type { Authenticate, HostCaller } from './auth/host.guard';
export type { LogStream } from './observability/log-output';
export { createRedressApi, type RedressApi, type RedressApiOptions } from './redress-api';
