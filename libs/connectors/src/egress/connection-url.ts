/* How settings and secrets of connections are written, wherever they come from. */

export { isWebhookSecret } from '../kit/standard-webhooks';

/** Where something can be sent, and nothing more: no credentials, which would be shown and logged with the address. */
export function isConnectionUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password && !/[#@\s\\]/.test(text);
}
