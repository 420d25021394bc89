import { timestamp, type Timestamp } from '@redress/domain';

export const laterBy = (at: Timestamp, ms: number): Timestamp => timestamp(new Date(Date.parse(at) + ms));
