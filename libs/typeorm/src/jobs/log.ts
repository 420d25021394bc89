export type { JobLog as Log } from '@redress/domain';
