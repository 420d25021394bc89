import { createHmac } from 'node:crypto';

/** `sha256=…` over the bytes that are sent, as WebSub has it; nothing without a secret. */
export const signature = (name, body, secret) =>
  secret ? { [name]: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` } : {};
