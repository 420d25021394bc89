import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which processes are alive, so that the jobs of a dead one begin elsewhere within seconds. */
export class Processes1700000000031 implements MigrationInterface {
  readonly name = 'Processes1700000000031';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION redress_beat');
    await db.query('DROP TABLE job_process');
  }
}

const dead = `seen_at < now() - interval '5 s'`;

const statements = [
  // A row for each pool of workers. It is written each second and may be lost: those who are alive write it again.
  `CREATE UNLOGGED TABLE job_process (
    id text PRIMARY KEY,
    process text NOT NULL,
    since timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
  ) WITH (fillfactor = 50)`,
  // Says that a process is alive, and releases the jobs of those that are dead. After an interruption, as by an outage of the
  // database, it takes no other for dead until those have had time to say that they are alive. Returns how many processes are.
  // A job that was replaced while it ran (no key any more) is not run again. What a dead process held is due now.
  `CREATE FUNCTION redress_beat(ids text[], of text) RETURNS int4 LANGUAGE plpgsql VOLATILE AS $$
   DECLARE
     began timestamptz;
     gone text[];
     held record;
   BEGIN
     WITH beat AS (
       INSERT INTO job_process AS p (id, process, since, seen_at) SELECT x, of, now(), now() FROM unnest(ids) AS x
       ON CONFLICT (id) DO UPDATE SET seen_at = now(), since = CASE WHEN p.seen_at < now() - interval '3 s' THEN now() ELSE p.since END
       RETURNING since
     ) SELECT min(since) INTO began FROM beat;
     IF began < now() - interval '3 s' AND EXISTS (SELECT FROM job_process WHERE ${dead}) THEN
       WITH ended AS (
         DELETE FROM job_process WHERE id IN (SELECT id FROM job_process WHERE ${dead} FOR UPDATE SKIP LOCKED) RETURNING id
       ) SELECT array_agg(id) INTO gone FROM ended;
       DELETE FROM graphile_worker._private_jobs WHERE locked_by = ANY(gone) AND key IS NULL;
       PERFORM graphile_worker.force_unlock_workers(gone);
       FOR held IN
         SELECT j.payload->>'tenant' AS tenant, j.payload->>'id' AS id FROM graphile_worker._private_jobs j
         WHERE j.key LIKE 'deliver:%' AND j.locked_at IS NULL AND j.payload->>'held' IS NOT NULL
           AND NOT EXISTS (SELECT FROM job_process p WHERE p.process = j.payload->>'held')
       LOOP
         PERFORM redress_set_endpoint_job(held.tenant, held.id::uuid, now(), NULL);
       END LOOP;
     END IF;
     RETURN (SELECT count(DISTINCT process) FROM job_process WHERE NOT ${dead});
   END $$`,
];
