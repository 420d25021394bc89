import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExceptionDesk, type JobLog } from '@redress/domain';
import { inMemoryStore } from '@redress/domain/in-memory';
import { defaultLookupPolicies, WebhookEndpointDesk } from '@redress/domain/integrations';
import { aReport } from '@redress/domain/testing';
import { newId } from '../../../apps/api/src/ids';
import { connectorsFor, type ConnectorsForOptions } from './external-systems';
import { verifyWebhook } from './kit/standard-webhooks';

const clock = () => new Date();
const meta = { tenant: 'acme', actor: 'ana' };
const jira = {
  settings: { site: 'https://acme.test', email: 'a@acme.test', project: 'OPS' },
  secrets: { apiToken: 't' },
};

function systemsFor(options: ConnectorsForOptions) {
  const store = inMemoryStore({ clock });
  const errors: object[] = [];
  const silent = () => undefined;
  const log: JobLog = { error: (facts) => void errors.push(facts), warn: silent, debug: silent };
  const host = { store, clock, newId, lookupPolicies: defaultLookupPolicies, log };
  return { store, errors, log, systems: connectorsFor(options)(host) };
}

describe('the external systems of a desk', () => {
  it('are those that a tenant has, and no others', async () => {
    const { systems } = systemsFor({ tenant: 'acme', JIRA: jira });
    expect(await systems.targets('acme')).toEqual(['JIRA']);
    expect(await systems.targets('other')).toEqual([]);
    expect(await systemsFor({}).systems.targets('acme')).toEqual([]);
  });

  it.each<[string, ConnectorsForOptions, RegExp]>([
    ['a connection of no tenant', { JIRA: jira }, /JIRA without a tenant: name the tenant/],
    [
      'a connection without its secret',
      { tenant: 'acme', JIRA: { ...jira, secrets: {} as { apiToken: string } } },
      /cannot connect to JIRA: apiToken/,
    ],
    [
      'an allowance that is none',
      { egressAllow: 'every where' },
      /egressAllow is "every where": it has to be/,
    ],
  ])('are refused with %s', (_, options, problem) => {
    expect(() => connectorsFor(options)).toThrow(problem);
  });

  it('deliver events to webhook endpoints, signed, and wait for the answers', async () => {
    const received: { headers: Record<string, string>; body: string }[] = [];
    const server = createServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        received.push({ headers: request.headers as Record<string, string>, body });
        response.writeHead(204).end();
      })();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const { store, systems, errors, log } = systemsFor({
        egressAllow: url,
        secretsKey: Buffer.alloc(32, 7),
      });
      const handlers = {
        ...systems,
        deadline: async () => undefined,
        scheduleMissingDeadlines: async () => undefined,
      };
      await store.jobs.start(handlers, { log, graceMs: 1000 });
      const endpoints = new WebhookEndpointDesk(
        { uow: store.endpoints, clock, newId },
        systems.vault,
        systems.secrets,
        systems.catalog,
      );
      const issued = await endpoints.create({ url: `${url}/events` }, meta);
      await new ExceptionDesk({ uow: store.desk, clock, newId }).raise(aReport(), meta);
      await store.jobs.runDue();
      await store.jobs.stop();
      expect(errors).toEqual([]);
      expect(received).toHaveLength(1);
      const [{ headers, body }] = received as [(typeof received)[0]];
      expect(JSON.parse(body)).toMatchObject({ type: 'exception.raised' });
      if (!issued.ok) throw new Error(issued.refusal.code);
      expect(
        verifyWebhook([issued.value.secrets.current], headers, Buffer.from(body), new Date()),
      ).toMatchObject({ ok: true });
    } finally {
      server.close();
    }
  });
});
