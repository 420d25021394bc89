import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ExceptionDesk } from '@redress/domain';
import { mintToken } from './auth/demo-token';
import { scopes } from './auth/scopes';
import type { Config } from './config/config';

const tenant = 'demo';
const actor = 'user@example.com';
const day = 86_400;

const transactions = [
  '019c96a0-10ce-75fc-a273-dc799079a991',
  '019c96a0-10ce-75fc-a273-dc799079a992',
  '019c96a0-10ce-75fc-a273-dc799079a993',
];

/** Prints what a newcomer needs to try the service: its address, a token, and three requests that work as they stand. */
export async function showDemo(app: NestFastifyApplication, config: Config, address: string): Promise<void> {
  const { jwtSecret: secret, jwtIssuer: issuer, jwtAudience: audience } = config;
  if (!secret) return;
  const token = mintToken({ secret, tenant, actor, scopes, expiresInSeconds: 30 * day, issuer, audience });
  const desk = app.get(ExceptionDesk);
  const outcomes = await desk.raiseAll(
    transactions.map((transactionId) => ({
      transactionId,
      reason: 'Amount mismatch detected',
      amount: '1500.50',
      currency: 'BRL',
      source: 'bank:demo',
    })),
    { tenant, actor },
  );
  const [first, second, third] = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value.state.id] : []));
  const post = (path: string, body: object) =>
    [
      `curl -X POST ${address}${path}`,
      `-H "Authorization: Bearer $TOKEN"`,
      `-H 'Content-Type: application/json'`,
      `-d '${JSON.stringify(body)}'`,
    ].join(' ');
  const lines = [
    `Redress listens on ${address}, its documentation is at ${address}/docs`,
    `A token for the tenant "${tenant}", good for 30 days:`,
    `export TOKEN=${token}`,
    'Three exceptions to try it on:',
    post(`/v1/exceptions/${first}/force-match`, {
      overrideReason: 'BUSINESS_DECISION',
      notes: 'Approved by finance team after manual review',
    }),
    post(`/v1/exceptions/${second}/adjust-entry`, {
      amount: 150.5,
      currency: 'BRL',
      effectiveAt: '2025-01-15T10:30:00.000Z',
      notes: 'Correcting processing fee discrepancy',
      reasonCode: 'FEE_ADJUSTMENT',
    }),
    post(`/v1/exceptions/${third}/disputes`, {
      category: 'AMOUNT_MISMATCH',
      description: 'Transaction amount differs from invoice',
    }),
  ];
  process.stdout.write(`\n${lines.join('\n\n')}\n\n`);
}
