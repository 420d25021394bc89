import { createHmac } from 'node:crypto';

/** `sha256=…` over what is signed, as WebSub has it; nothing without a secret. */
export const signature = (name, signed, secret) =>
  secret ? { [name]: `sha256=${createHmac('sha256', secret).update(signed).digest('hex')}` } : {};
