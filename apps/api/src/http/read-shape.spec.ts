import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { BulkAssignRequest } from '../bulk/bulk-requests';
import { CallbackRequest } from '../exceptions/callback-requests';
import { PutApprovalPolicy } from '../settings/approval-requests';
import { PutReasonCodes } from '../settings/reason-requests';
import { putConnectionShapes } from '../connections/connection-requests';
import {
  DispatchRequest,
  ForceMatchRequest,
  RaiseRequest,
  ResolveRequest,
} from '../exception-dto/exception-requests';
import { readShape, type Shape } from './read-shape';
import { type JsonObject, parseStrictJson } from '@redress/formats';

function parsed(value: unknown): JsonObject {
  const read = parseStrictJson(Buffer.from(JSON.stringify(value)));
  if (!read.ok) throw new Error(read.problem);
  return read.value as JsonObject;
}

function bodyOf(shape: Shape, given: object): Record<string, unknown> {
  const read = readShape(shape, given);
  if ('faults' in read) throw new Error(JSON.stringify([...(read.faults as Iterable<unknown>)]));
  return read.body as Record<string, unknown>;
}

const faultsOf = (shape: Shape, given: object): Record<string, string> => {
  const read = readShape(shape, given);
  if ('body' in read) throw new Error('it was accepted');
  return Symbol.iterator in read.faults ? Object.fromEntries(read.faults) : { ...read.faults };
};

const id = '019c96a0-10ce-75fc-a273-dc799079a99c';
const raise = { transactionId: id, reason: 'Amount mismatch detected' };
const jira = { site: 'https://acme.example', email: 'a@acme.example', project: 'OPS' };

describe('free-form members', () => {
  it.each<[string, Shape, Record<string, unknown>, object]>([
    ['metadata', RaiseRequest, raise, { a: 'b' }],
    ['differences', RaiseRequest, raise, [{ field: 'amount', expected: '1' }]],
    ['filter', BulkAssignRequest, { assignee: 'bo' }, { status: ['OPEN'], limit: 7 }],
    ['exceptionIds', BulkAssignRequest, { assignee: 'bo' }, [id]],
    ['queues', putConnectionShapes.JIRA, jira, { TEAM: { project: 'OPS' } }],
    ['priorities', putConnectionShapes.JIRA, jira, { HIGH: 'High' }],
    ['assignmentGroups', putConnectionShapes.SERVICENOW, { instance: 'https://acme.example' }, { TEAM: 'x' }],
  ])('are not copied: %s', (name, shape, others, value) => {
    const given = parsed({ ...others, [name]: value });
    expect(bodyOf(shape, given)[name]).toBe(given[name]);
  });

  it('would be copied by class-transformer', () => {
    const given = parsed({ ...raise, metadata: { a: 'b' } });
    expect(plainToInstance(RaiseRequest, given).metadata).not.toBe(given['metadata']);
  });

  it('are read by their field where that says how, also where it is inherited', () => {
    const counterpart = { source: 'ledger', transactionId: id, currency: 'EUR' };
    const given = parsed({
      overrideReason: 'A',
      notes: 'B',
      counterparts: [{ ...counterpart, amount: 12.5 }],
    });
    expect(bodyOf(ForceMatchRequest, given)['counterparts']).toEqual([{ ...counterpart, amount: '12.5' }]);
    const rule = { command: 'force_match', approvers: 2, minimumAmount: 10 };
    expect(bodyOf(PutApprovalPolicy, parsed({ rules: [rule] }))['rules']).toEqual([
      { ...rule, minimumAmount: '10' },
    ]);
    const callback = { externalSystem: 'JIRA', externalIssueId: 'OPS-1', status: 'RESOLVED' };
    expect(bodyOf(CallbackRequest, parsed({ ...callback, payload: { b: 1, a: [] } }))['payload']).toBe(
      '{"a":[],"b":1}',
    );
    class Inherited extends RaiseRequest {}
    expect(bodyOf(Inherited, parsed({ ...raise, amount: 1.5, currency: 'EUR' }))['amount']).toBe('1.5');
  });
});

describe('an optional member that is null or empty', () => {
  const callback = { externalSystem: 'JIRA', externalIssueId: 'OPS-1', status: 'RESOLVED' };
  const assign = { exceptionIds: [id], assignee: 'bo' };
  const cases: readonly (readonly [Shape, object, readonly string[]])[] = [
    [RaiseRequest, raise, ['severity', 'amount', 'currency', 'occurredAt', 'dueAt', 'source', 'differences']],
    [RaiseRequest, raise, ['metadata']],
    [
      CallbackRequest,
      callback,
      ['callbackType', 'resolutionNotes', 'assignee', 'dueAt', 'updatedAt', 'payload'],
    ],
    [ForceMatchRequest, { overrideReason: 'A', notes: 'B' }, ['counterparts', 'acceptResidual']],
    [DispatchRequest, { targetSystem: 'JIRA' }, ['queue']],
    [ResolveRequest, { resolution: 'ACCEPTED' }, ['reason']],
    [BulkAssignRequest, assign, ['exception_ids', 'filter', 'preview', 'dueAt']],
    [putConnectionShapes.JIRA, jira, ['enabled', 'apiToken', 'issueType', 'queues', 'priorities']],
  ];
  const each = cases.flatMap(([shape, given, names]) => names.map((name) => [name, shape, given] as const));

  it.each(each)('is not given: %s', (name, shape, given) => {
    const without = bodyOf(shape, parsed(given));
    for (const empty of [null, ''])
      expect(bodyOf(shape, parsed({ ...given, [name]: empty }))).toEqual(without);
    expect(faultsOf(shape, parsed({ ...given, [name]: ' ' }))).toHaveProperty([name]);
  });

  it('is not given within the items of a list', () => {
    const differences = [{ field: 'memo', expected: '', actual: null }];
    expect(bodyOf(RaiseRequest, parsed({ ...raise, differences }))['differences']).toEqual([
      { field: 'memo', expected: '' },
    ]);
    const rule = { command: 'force_match', approvers: 2 };
    const rules = [{ ...rule, currency: '', minimumAmount: null, severity: '', mayNotApprove: null }];
    expect(bodyOf(PutApprovalPolicy, parsed({ rules }))['rules']).toEqual([rule]);
    const code = { code: 'A', label: 'B' };
    const commands = {
      force_match: 'free_text',
      adjust_entry: [{ ...code, active: null }],
      resolve: 'free_text',
    };
    expect(bodyOf(PutReasonCodes, parsed({ commands }))['commands']).toMatchObject({ adjust_entry: [code] });
  });

  it('is refused where it is required, or not known', () => {
    expect(faultsOf(RaiseRequest, parsed({ transactionId: null, reason: '' }))).toEqual({
      transactionId: expect.stringContaining('must be a UUID'),
      reason: 'must not be blank',
    });
    expect(faultsOf(RaiseRequest, parsed({ ...raise, surprise: null }))).toEqual({
      surprise: 'is not a known member',
    });
  });
});

describe('members that a shape does not know', () => {
  it('are all that is told, since they are refused first', () => {
    const given = parsed({ reason: 7, surprise: 1, toString: 2 });
    expect(faultsOf(RaiseRequest, given)).toEqual({
      surprise: 'is not a known member',
      toString: 'is not a known member',
    });
  });

  it('are never looked into', () => {
    const untouchable = new Proxy(
      {},
      {
        get: () => {
          throw new Error('it was read');
        },
        ownKeys: () => {
          throw new Error('it was listed');
        },
      },
    );
    expect(faultsOf(RaiseRequest, { ...raise, surprise: untouchable })).toEqual({
      surprise: 'is not a known member',
    });
    expect(() => plainToInstance(RaiseRequest, { surprise: untouchable })).toThrow('it was');
  });
});

describe('members that are wrong', () => {
  it('are told each with its place', () => {
    expect(faultsOf(RaiseRequest, parsed({ reason: '', amount: [] }))).toEqual({
      transactionId: 'is required',
      reason: 'must not be blank',
      amount: expect.stringContaining('must be a decimal number'),
    });
    const counterparts = [{ source: 'ledger', transactionId: id, currency: 'EUR' }];
    expect(faultsOf(ForceMatchRequest, parsed({ overrideReason: 'A', notes: 'B', counterparts }))).toEqual({
      'counterparts[0].amount': 'is required',
    });
  });

  it('are a mistake of ours where a shape is decorated with something else', () => {
    class Bare {}
    expect(() => readShape(Bare, {})).toThrow('must be decorated');
  });
});
