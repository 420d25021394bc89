import { createHmac } from 'node:crypto';

type Headers = Readonly<Record<string, string>>;

const hmac = (key: string | Buffer, ...parts: readonly (string | Buffer)[]) => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac;
};

const seconds = () => String(Math.floor(Date.now() / 1000));

/** Standard Webhooks, which connections to webhooks and ledgers use. */
function standardWebhook(secret: string, body: Buffer, id: string): Headers {
  const time = seconds();
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = hmac(key, `${id}.${time}.`, body).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${signature}` };
}

/** How each external system signs what it sends, by the name of its route. */
export const signed: Readonly<Record<string, (secret: string, body: Buffer, id: string) => Headers>> = {
  jira: (secret, body, id) => ({
    'x-hub-signature': `sha256=${hmac(secret, body).digest('hex')}`,
    'x-atlassian-webhook-identifier': id,
  }),
  servicenow: (secret, body) => {
    const time = seconds();
    const signature = hmac(secret, `${time}.`, body).digest('hex');
    return { 'x-redress-timestamp': time, 'x-redress-signature': `sha256=${signature}` };
  },
  webhook: standardWebhook,
  ledger: standardWebhook,
};
