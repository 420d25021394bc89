import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { startTestApp, type Answer, type Person, type TestApp } from '../support/app';
import { pretendConnections } from '../support/connections';

/*
 * The script that customers paste into ServiceNow is taken out of the document and run, with stand-ins for what
 * ServiceNow brings; what it sends is delivered.
 */

const document = readFileSync(path.join(__dirname, '../../docs/servicenow.md'), 'utf8');
const script = /```js\n([\s\S]*?)```/.exec(document)![1]!;

let service: TestApp;
let ana: Person;
let connection: { id: string; inboundSecret: string };
let exceptionId: string;
let number: string;
const errors: string[] = [];

beforeAll(async () => {
  service = await startTestApp();
  pretendConnections(service);
}, 60_000);
afterAll(() => service.close());

beforeEach(async () => {
  ana = service.person();
  const body = { instance: 'https://acme.service-now.com', username: 'redress', password: 'a password' };
  connection = (await ana.send('PUT', '/v1/connections/SERVICENOW', { body })).body;
  exceptionId = (await ana.raise()).id;
  const dispatched = await ana.post(`/v1/exceptions/${exceptionId}/dispatch`, { targetSystem: 'SERVICENOW' });
  number = dispatched.body.externalReference;
  errors.length = 0;
});

type Sent = { path: string; headers: Record<string, string>; raw: string };

/** Runs the rule on a record as it is after a change; answers what it sent. */
function runRule(record: Record<string, string>, operation = 'update'): Sent {
  const sent: Sent = { path: '', headers: {}, raw: '' };
  const properties: Record<string, string> = {
    'redress.url': `/v1/inbound/servicenow/${connection.id}`,
    'redress.secret': connection.inboundSecret,
  };
  const getValue = (field: string) => record[field] ?? null;
  runInNewContext(script, {
    current: {
      operation: () => operation,
      getValue,
      getDisplayValue: getValue,
      getUniqueValue: () => record['sys_id'] ?? '0123456789abcdef0123456789abcdef',
    },
    previous: null,
    gs: {
      generateGUID: () => randomUUID().replaceAll('-', ''),
      getProperty: (name: string) => properties[name],
      error: (text: string) => errors.push(text),
    },
    GlideStringUtil: { base64Encode: (text: string) => Buffer.from(text).toString('base64') },
    GlideCertificateEncryption: class {
      generateMac = (key: string, algorithm: string, data: string): string => {
        expect(algorithm).toBe('HmacSHA256');
        return createHmac('sha256', Buffer.from(key, 'base64')).update(data).digest('base64');
      };
    },
    sn_ws: {
      RESTMessageV2: class {
        setEndpoint = (url: string) => (sent.path = url);
        setHttpMethod = (method: string) => expect(method).toBe('POST');
        setRequestHeader = (name: string, value: string) => (sent.headers[name.toLowerCase()] = value);
        setRequestBody = (body: string) => (sent.raw = body);
        execute = () => ({ getStatusCode: () => 200 });
      },
    },
  });
  return sent;
}

const deliver = ({ path: address, headers, raw }: Sent): Promise<Answer> =>
  service.send('POST', address, { headers, raw });
const incident = (over: Record<string, string> = {}) => ({
  ...{ number, state: '6', close_notes: 'Paid back — “tudo certo” 😀' },
  ...{ sys_updated_on: new Date().toISOString().slice(0, 19).replace('T', ' '), ...over },
});
const read = async () => (await ana.get(`/v1/exceptions/${exceptionId}`)).body;

describe('the script for ServiceNow', () => {
  it('tells that an incident is resolved', async () => {
    const sent = runRule(incident());
    expect((await deliver(sent)).body).toEqual({ status: 'applied' });
    expect(await read()).toMatchObject({
      status: 'RESOLVED',
      resolutionNotes: 'Paid back — “tudo certo” 😀',
    });
    expect(sent.raw).toMatch(/^[ -~]+$/);
    expect(errors).toEqual([]);
  });

  it('tells who has it', async () => {
    const sent = runRule(incident({ state: '2', assigned_to: 'Abel Tuter' }));
    expect((await deliver(sent)).body).toEqual({ status: 'applied' });
    expect(await read()).toMatchObject({ status: 'ASSIGNED', assignedTo: 'Abel Tuter' });
  });

  it('tells that it is gone', async () => {
    expect((await deliver(runRule(incident(), 'delete'))).body).toEqual({ status: 'refused' });
    const { items } = (await ana.get('/v1/inbound-messages')).body;
    expect(items).toMatchObject([{ kind: 'incident.deleted', exceptionId }]);
  });

  it('is not believed when it was changed on the way', async () => {
    const sent = runRule(incident({ state: '2' }));
    const altered = { ...sent, raw: sent.raw.replace('"state":"2"', '"state":"6"') };
    expect((await deliver(altered)).status).toBe(401);
  });
});
