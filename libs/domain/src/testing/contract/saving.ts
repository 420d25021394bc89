import type { Dispute } from '../../dispute/dispute';
import type { ReconException } from '../../exception/recon-exception';
import type { Setting } from './setting';

/** Texts that have broken stores before; nothing is wrong with any of them. */
export const awkward = [
  `"double", 'single' and \`back\` quotes`,
  'back\\slash, \\n, \\u0000 and \\',
  'line\nbreak,\r\ttab and \u0085',
  '$1 ? :name %s {} [] ; -- /* NULL',
  'naïve 日本語 עברית 😀 👩‍👩‍👧',
  ' blanks around ',
  '\u{10ffff}\ufffe\ufeff\u0001\u007f',
];

/** What comes back of an exception that is saved at whatever version it has. */
export const saved = async (
  { save, exception }: Setting,
  state: ReconException,
): Promise<ReconException | undefined> => {
  await save({ basedOn: 0, state, events: [] });
  return (await exception(state.id))?.exception;
};

/** Evidence is submitted one piece at a time, so a dispute with two pieces has been saved three times. */
export const savedWithEvidence = async (
  setting: Setting,
  example: Dispute,
): Promise<readonly [Dispute, Dispute | undefined]> => {
  const { saveDispute, newId } = setting;
  const id = newId();
  const { id: exceptionId } = await setting.raised();
  const all = example.evidence.map((piece) => ({ ...piece, id: newId(), disputeId: id }));
  const after = (pieces: number): Dispute => ({
    ...example,
    id,
    exceptionId,
    version: pieces + 1,
    evidence: all.slice(0, pieces),
  });
  await saveDispute({ basedOn: 0, state: after(0), events: [] });
  for (const [before, evidence] of all.entries()) {
    await saveDispute({ basedOn: before + 1, state: after(before + 1), events: [], evidence });
  }
  return [after(all.length), await setting.dispute(id)];
};
