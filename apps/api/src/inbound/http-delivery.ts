import { createHash } from 'node:crypto';
import type { InboundDelivery } from '@redress/domain/integrations';

/** An HTTP request from an external system, for the inbound desk. */
export const httpDelivery = (headers: InboundDelivery['headers'], body: Buffer): InboundDelivery => ({
  headers,
  body,
  digest: () => createHash('sha256').update(body).digest('hex'),
  // PostgreSQL's text cannot contain U+0000.
  text: (maxBytes) => body.subarray(0, maxBytes).toString('utf8').replaceAll('\u0000', '\ufffd'),
});
