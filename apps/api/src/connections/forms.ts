/* How settings and secrets of connections are written, wherever they come from. */

/** Where something can be sent, and nothing more: no credentials, which would be shown and logged with the address. */
export function isConnectionUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password && !/[#@\s\\]/.test(text);
}

const form = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** As Standard Webhooks writes them: 24 to 64 bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  const base64 = form.exec(text)?.[1] ?? '';
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length >= 24 && bytes.length <= 64 && bytes.toString('base64') === base64;
}
