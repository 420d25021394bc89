export type { MountableApi } from './mountable-api';
export { RedressHttpModule, type RedressHttpAsyncOptions } from './redress-http.module';
