import fc from 'fast-check';
import type { ApprovalRule } from './approval-policy';
import { receive } from '../exception/receive';
import { decide } from '../exception/exception';
import { noFacts, type ExceptionFacts } from '../exception/exception.facts';
import type { ExceptionCommand } from '../exception/exception.lifecycle';
import { ok } from '../result';
import type { ResolvingCommand } from './commands';
import { aCallback, aContext, anException, aReport, sampleCommands } from '../testing';
import { aDesk } from '../testing/a-desk';
import { accepted, refusal } from '../testing/outcomes';
import {
  acceptedReasons,
  maxReasonCodes,
  validateReasonCodes,
  reasonedCommands,
  type AcceptedReasons,
  type ReasonCode,
  type ReasonCodes,
} from './reason-codes';

const { force_match: forceMatch, adjust_entry: adjustEntry, resolve } = sampleCommands.exception;
const taking = (reasonCodes: AcceptedReasons): ExceptionFacts => ({ ...noFacts, reasonCodes });
const refusalOf = (command: ExceptionCommand, facts: ExceptionFacts, exception = anException()) =>
  refusal(decide(exception, command, aContext(), facts));

/** Each command with another reason, and the field that has it. */
const given = {
  force_match: [(reason: string) => ({ ...forceMatch, overrideReason: reason }), 'overrideReason'],
  adjust_entry: [(reason: string) => ({ ...adjustEntry, reasonCode: reason }), 'reasonCode'],
  resolve: [(reason: string) => ({ ...resolve, reason }), 'reason'],
} as const satisfies Record<string, readonly [(reason: string) => ResolvingCommand, string]>;

describe('a list of reason codes', () => {
  it.each(reasonedCommands)('is what %s goes by, and no other command', (command) => {
    const [withReason, field] = given[command];
    const facts = taking({ [command]: ['FEE', 'TIMING'] });
    expect(refusalOf(withReason('TIMING'), facts)).toBeUndefined();
    expect(refusalOf(withReason('WHIM'), facts)).toEqual({
      code: 'reason_not_listed',
      field,
      given: 'WHIM',
      allowed: ['FEE', 'TIMING'],
    });
    for (const other of reasonedCommands.filter((one) => one !== command))
      expect(refusalOf(given[other][0]('WHIM'), facts)).toBeUndefined();
  });

  it('is no rule where there is none', () => {
    for (const [withReason] of Object.values(given))
      expect(refusalOf(withReason('whatever'), noFacts)).toBeUndefined();
  });

  it('is compared letter by letter', () => {
    for (const reason of ['fee', 'FEE ', ' FEE', 'FE', 'FEE\u0301'])
      expect(refusalOf(given.force_match[0](reason), taking({ force_match: ['FEE'] }))?.code).toBe(
        'reason_not_listed',
      );
  });

  it('is no list of what objects have by themselves', () => {
    for (const reason of ['constructor', '__proto__', 'length', '0'])
      expect(refusalOf(given.resolve[0](reason), taking({ resolve: ['FEE'] }))?.code).toBe(
        'reason_not_listed',
      );
  });

  it('is not got around by giving no reason where one may be left out', () => {
    const silent: ExceptionCommand = { type: 'resolve', resolution: 'Found.' };
    expect(refusalOf(silent, taking({ resolve: ['FEE'] }))).toEqual({
      code: 'reason_not_listed',
      field: 'reason',
      allowed: ['FEE'],
    });
    expect(refusalOf(silent, taking({ force_match: ['FEE'] }))).toBeUndefined();
  });

  it('is told as far as it helps, however long it and what was given are', () => {
    const codes = Array.from({ length: maxReasonCodes }, (_, i) => `CODE_${i}`);
    const refused = refusalOf(given.resolve[0]('x'.repeat(1000)), taking({ resolve: codes }));
    expect(refused).toMatchObject({ given: 'x'.repeat(255), more: 180 });
    expect(refused).toHaveProperty('allowed', codes.slice(0, 20));
  });

  it('is asked after what is wrong with the command and with the moment', () => {
    const facts = taking({ adjust_entry: ['FEE'] });
    const resolved = anException({ status: 'RESOLVED' });
    expect(refusalOf(adjustEntry, facts, resolved)?.code).toBe('not_allowed');
    expect(refusalOf({ ...adjustEntry, amount: '0' }, facts)?.code).toBe('amount_not_positive');
    expect(refusalOf({ ...adjustEntry, reasonCode: ' ' }, facts)?.code).toBe('invalid_value');
  });
});

describe('reason codes and those who are asked', () => {
  const rule: ApprovalRule = { command: 'force_match', approvers: 1 };
  const approvalPolicy = { version: 1, rules: [rule] };
  const listed = taking({ force_match: [forceMatch.overrideReason] });

  it('are asked of a proposal when it is made, and not when it is confirmed', () => {
    const facts = { ...taking({ force_match: ['OTHER'] }), approvalPolicy };
    expect(refusalOf(forceMatch, facts)?.code).toBe('reason_not_listed');
    const { state: proposed } = accepted(
      decide(anException(), forceMatch, aContext(), { ...listed, approvalPolicy }),
    );
    const approve = { type: 'confirm', of: 'proposal' } as const;
    const confirmed = decide(proposed, approve, aContext({ actor: 'bo' }), facts);
    expect(confirmed).toMatchObject({ ok: true, value: { state: { status: 'RESOLVED' } } });

    const ledger = { ...facts, ledger: true as const };
    const { state: posted } = accepted(decide(proposed, approve, aContext({ actor: 'bo' }), ledger));
    expect(posted.pending).toBe('ledger');
    const booked = decide(posted, { type: 'confirm' }, aContext(), ledger);
    expect(booked).toMatchObject({ ok: true, value: { state: { status: 'RESOLVED' } } });
  });

  it('are asked of a proposal that was not made for a policy, too', () => {
    const propose = { type: 'propose', resolution: forceMatch, waitsFor: 'ledger' } as const;
    expect(refusalOf(propose, listed)).toBeUndefined();
    expect(refusalOf(propose, taking({ force_match: ['OTHER'] }))?.code).toBe('reason_not_listed');
  });

  it.each(['PENDING_RESOLUTION', 'ASSIGNED'] as const)(
    'are not asked of what an external system reports of what is %s',
    (status) => {
      const pending = status === 'PENDING_RESOLUTION' && ({ pending: 'external' } as const);
      const out = anException({ status, assignedTo: 'bo', externalSystem: 'JIRA', ...pending });
      const received = receive(out, aCallback(), aContext(), taking({ resolve: ['FEE'] }));
      expect(received).toMatchObject({ ok: true, value: { state: { status: 'RESOLVED' } } });
    },
  );
});

describe('lists of reason codes', () => {
  const fee: ReasonCode = { code: 'FEE', label: 'Bank fee' };
  const codes = (list: ReasonCodes['resolve']): ReasonCodes => ({
    force_match: 'free_text',
    adjust_entry: 'free_text',
    resolve: list,
  });
  const many = (count: number) => Array.from({ length: count }, (_, i) => ({ ...fee, code: `C${i}` }));

  it('are the active codes of each command that has a list', () => {
    expect(acceptedReasons(codes('free_text'))).toEqual({});
    const list = [{ ...fee, active: true }, { code: 'OLD', label: 'Old', active: false }, ...many(1)];
    expect(acceptedReasons(codes(list))).toEqual({ resolve: ['FEE', 'C0'] });
  });

  it.each([
    ['no text', 'free_text' as const],
    ['the least', [fee]],
    ['an inactive one', [fee, { code: 'OLD', label: 'Old', active: false }]],
    ['codes that differ in case', [fee, { ...fee, code: 'fee' }]],
    ['labels that are alike', [fee, { ...fee, code: 'FEE_2' }]],
    ['the longest', [{ code: 'x'.repeat(255), label: 'y'.repeat(255) }]],
    ['the most', many(maxReasonCodes)],
  ])('are sound with %s', (_, list) => {
    expect(validateReasonCodes(codes(list))).toBeUndefined();
  });

  it.each([
    ['resolve', []],
    ['resolve', [{ ...fee, active: false }]],
    ['resolve', many(maxReasonCodes + 1)],
    ['resolve[1].code', [fee, fee]],
    ['resolve[1].code', [fee, { ...fee, active: false }]],
    ['resolve[0].code', [{ ...fee, code: '' }]],
    ['resolve[0].code', [{ ...fee, code: ' FEE' }]],
    ['resolve[0].code', [{ ...fee, code: 'x'.repeat(256) }]],
    ['resolve[0].code', [{ ...fee, code: 'F\0' }]],
    ['resolve[1].label', [fee, { code: 'TIMING', label: ' ' }]],
    ['resolve[0].label', [{ ...fee, label: 'y'.repeat(256) }]],
  ])('are malformed at %s: case %#', (field, list) => {
    expect(validateReasonCodes(codes(list))).toMatchObject({ code: 'invalid_value', field });
  });

  it('take what they list as active, and nothing else, whatever they are', () => {
    const text = fc.string({ minLength: 1, maxLength: 6 }).filter((said) => said.trim() === said);
    const list = fc.uniqueArray(fc.record({ code: text, label: text, active: fc.boolean() }), {
      selector: ({ code }) => code,
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(list, text, (entries, other) => {
        fc.pre(validateReasonCodes(codes(entries)) === undefined);
        const facts = taking(acceptedReasons(codes(entries)));
        for (const reason of [other, ...entries.map(({ code }) => code)]) {
          const active = entries.some(({ code, active: taken }) => code === reason && taken);
          expect(refusalOf(given.resolve[0](reason), facts)?.code).toBe(
            active ? undefined : 'reason_not_listed',
          );
        }
      }),
    );
  });
});

describe('a desk', () => {
  it('takes the reasons of its tenant alone, from one and from many', async () => {
    const { uow, desk } = aDesk();
    uow.takeReasons('acme', { resolve: ['FEE'] });
    const meta = (tenant: string) => ({ tenant, actor: 'ana' });
    const raised = async (tenant: string) => accepted(await desk.raise(aReport(), meta(tenant))).state.id;
    const [mine, theirs] = [await raised('acme'), await raised('other')];
    const refused = { ok: false, refusal: { code: 'reason_not_listed' } };
    expect(await desk.handle(mine, resolve, meta('acme'))).toMatchObject(refused);
    expect(await desk.handleAll([mine], resolve, meta('acme'))).toMatchObject({
      value: [{ outcome: refused }],
    });
    const order = { id: mine, commands: () => ok([resolve]) };
    expect(await desk.handleEach([order], meta('acme'))).toMatchObject({ value: [{ outcome: refused }] });
    expect(await desk.handle(theirs, resolve, meta('other'))).toMatchObject({ ok: true });
    const fee = { ...resolve, reason: 'FEE' };
    expect(await desk.handle(mine, fee, meta('acme'))).toMatchObject({ ok: true });
  });
});
