import type { Person } from './app';

/** Ids of an adjustment that is not reversed, and of the exception that it resolved. */
export async function anAdjustment(
  person: Person,
  over: Readonly<Record<string, unknown>> = {},
): Promise<{ exceptionId: string; adjustmentId: string }> {
  const { id: exceptionId } = await person.raise();
  const posted = await person.post(`/v1/exceptions/${exceptionId}/adjust-entry`, {
    amount: '150.50',
    currency: 'BRL',
    effectiveAt: '2025-01-15T10:30:00.000Z',
    reasonCode: 'FEE_ADJUSTMENT',
    notes: 'Correcting processing fee discrepancy',
    ...over,
  });
  if (posted.status !== 200) throw new Error(posted.text);
  const { body } = await person.get(`/v1/exceptions/${exceptionId}/adjustments`);
  return { exceptionId, adjustmentId: body.items[0].id };
}
