export type { RedressOptions } from './options';
export { RedressModule, type RedressAsyncOptions, type RedressScope } from './redress.module';
export { InjectDeskStore, InjectReads } from './tokens';
