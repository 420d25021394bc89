import type { Person, TestApp } from './app';
import { ownerOf } from './owner';

/** Ids of a dispatch that was given up, which takes three days, and of its exception, which waits for it. */
export async function aDeadDispatch(
  service: TestApp,
  person: Person,
): Promise<{ exceptionId: string; dispatchId: string }> {
  const { id: exceptionId } = await person.raise();
  await person.post(`/v1/exceptions/${exceptionId}/dispatch`, { targetSystem: 'MANUAL' });
  const owner = ownerOf(service.database.url);
  const [dispatch] = await owner.rows<{ id: string }>(
    `UPDATE dispatch SET state = 'DEAD', sends = 1, attempts = 10, version = version + 1 WHERE exception_id = $1 RETURNING id`,
    [exceptionId],
  );
  await owner.rows(
    `INSERT INTO dispatch_attempt (tenant_id, id, dispatch_id, exception_id, at, kind, outcome, problem)
     SELECT tenant_id, gen_random_uuid(), id, exception_id, now(), 'send', 'not_sent', 'Nobody answered.'
     FROM dispatch WHERE id = $1`,
    [dispatch!.id],
  );
  await owner.end();
  return { exceptionId, dispatchId: dispatch!.id };
}
