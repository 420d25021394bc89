import assert from 'node:assert/strict';
import { decide } from '../../exception/exception';
import type { ReconException } from '../../exception/recon-exception';
import { maxIntegerDigits } from '../../value/money';
import { limits } from '../../value/text';
import { anException, now, sampleCommands } from '../builders';
import { inEveryDisputeState } from '../in-every-status';
import { awkward, saved, savedWithEvidence } from './saving';
import { accepted, type Promises } from './setting';

const resolved = (over: Partial<ReconException>): ReconException =>
  anException({ status: 'RESOLVED', resolvedAt: now, resolvedBy: 'cy', ...over });

/** Texts, amounts and moments come back exactly. */
export const letterByLetter: Promises = {
  'keeps every text letter by letter': async (setting) => {
    for (const text of awkward) {
      const state = resolved({
        id: setting.newId(),
        reason: text,
        source: text,
        differences: [{ field: text, expected: text, actual: text }],
        metadata: { key: text },
        assignedTo: text,
        resolutionReason: text,
        resolutionNotes: text,
        resolvedBy: text,
      });
      assert.deepEqual(await saved(setting, state), state);
    }
  },

  'keeps the longest texts of the widest characters': async (setting) => {
    const wide = (length: number): string => '\u{1f600}'.repeat(length);
    const texts = { reason: wide(limits.reason), source: wide(limits.source) };
    const open = anException({ ...texts, id: setting.newId() });
    const done = resolved({
      ...texts,
      id: setting.newId(),
      assignedTo: wide(limits.assignee),
      resolutionReason: wide(limits.resolutionReason),
      resolutionNotes: wide(limits.notes),
    });
    for (const state of [open, done]) assert.deepEqual(await saved(setting, state), state);
    assert.deepEqual(await setting.read((tx) => tx.exceptions.unresolved([open])), [open]);
  },

  'keeps metadata whatever its keys are called': async (setting) => {
    const keys = ['a b', '', '"', "'", '\\', '😀', 'toString', 'constructor', 'id', '10', '9', ...awkward];
    // Read from text, since a literal with the key __proto__ would be something else.
    const metadata = JSON.parse(
      JSON.stringify(Object.fromEntries(keys.map((key) => [key, `value of ${key}`]))).replace(
        '{',
        '{"__proto__":"own",',
      ),
    ) as Record<string, string>;
    const state = anException({ id: setting.newId(), metadata });
    assert.deepEqual(await saved(setting, state), state);
  },

  'keeps the evidence of a dispute letter by letter': async (setting) => {
    const [example] = Object.values(inEveryDisputeState).filter(({ evidence }) => evidence.length > 0);
    const [piece] = example?.evidence ?? [];
    assert.ok(example && piece);
    const evidence = awkward.map((comment) => ({ ...piece, comment }));
    const [expected, actual] = await savedWithEvidence(setting, {
      ...example,
      evidence,
      description: awkward.join(),
    });
    assert.deepEqual(actual, expected);
  },

  'keeps amounts exactly': async (setting) => {
    const whole = '9'.repeat(maxIntegerDigits);
    const amounts = [
      ['0.001', 'BHD'],
      ['12', 'JPY'],
      ['0', 'JPY'],
      ['0.00', 'EUR'],
      ['-0.01', 'EUR'],
      ['1.2345', 'CLF'],
      [`${whole}.99`, 'EUR'],
      [`-${whole}.9999`, 'CLF'],
      [whole, 'JPY'],
      ['9007199254740993.01', 'USD'],
    ] as const;
    for (const [amount, currency] of amounts) {
      const state = anException({
        id: setting.newId(),
        transactionId: setting.newId(),
        amount: { amount, currency },
      });
      assert.deepEqual(await saved(setting, state), state);
    }
  },

  'keeps adjustments exactly, each with its exception alone': async (setting) => {
    const whole = '9'.repeat(maxIntegerDigits);
    const cases = [
      { amount: '0.001', currency: 'BHD', direction: 'DEBIT' },
      { amount: '12', currency: 'JPY', direction: 'CREDIT' },
      { amount: `${whole}.99`, currency: 'EUR', direction: 'CREDIT' },
      { amount: `${whole}.9999`, currency: 'CLF', direction: 'DEBIT' },
    ] as const;
    for (const over of cases) {
      const exception = await setting.raised();
      const { amount, currency, direction } = over;
      const command = { ...sampleCommands.exception.adjust_entry, ...over, notes: awkward.join() };
      const change = accepted(decide(exception, command, setting.ctx({ actor: 'cy' })));
      await setting.save(change);
      assert.deepEqual(await setting.adjustments(exception.id), [change.adjustment]);
      assert.deepEqual(change.adjustment?.amount, { amount, currency });
      assert.equal(change.adjustment.direction, direction);
    }
  },

  'keeps moments to the millisecond, from the year 0001 to 9999': async (setting) => {
    for (const time of ['0001-01-01T00:00:00.000Z', '0099-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z']) {
      const state = anException({
        id: setting.newId(),
        transactionId: setting.newId(),
        occurredAt: time,
        dueAt: time,
      });
      assert.deepEqual(await saved(setting, state), state);
      const command = { ...sampleCommands.exception.adjust_entry, effectiveAt: time };
      await setting.exceptions.handle(state.id, command, setting.meta());
      assert.deepEqual(
        (await setting.adjustments(state.id)).map(({ effectiveAt }) => effectiveAt),
        [time],
      );
    }
  },
};
