import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Recovery that knows: which processes are alive, and which stored times cannot be right. */
export class Processes1700000000031 implements MigrationInterface {
  readonly name = 'Processes1700000000031';

  async up(db: QueryRunner): Promise<void> {
    for (const statement of statements) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION redress_beat, redress_mend_times');
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
  // A clock that was ahead for a moment leaves times behind that no schedule reaches; what waits for them is due now. After an
  // attempt the next is due by the delays; an endpoint that is overloaded may ask for a day; a lease is shorter than two minutes.
  `CREATE FUNCTION redress_mend_times(delays float8[]) RETURNS int4
   LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
   DECLARE
     late record;
     mended int4 := 0;
   BEGIN
     FOR late IN
       UPDATE delivery d SET next_attempt_at = CASE d.state WHEN 'PENDING' THEN now() END,
         lease_until = CASE d.state WHEN 'SENDING' THEN now() END
       WHERE d.state IN ('PENDING', 'SENDING') AND coalesce(d.lease_until, d.next_attempt_at) > now() + CASE
         WHEN d.state = 'SENDING' THEN interval '2 minutes'
         WHEN d.last_status IN (429, 502, 503, 504) THEN interval '27 hours'
         ELSE interval '6 minutes' + coalesce(delays[d.attempts - d.attempts_before + 1], 0) * 1.1 * interval '1 ms' END
       RETURNING d.tenant_id AS tenant, d.endpoint_id AS endpoint, d.exception_id AS exception
     LOOP
       UPDATE webhook_lane w SET due_at = now()
         WHERE w.tenant_id = late.tenant AND w.endpoint_id = late.endpoint AND w.exception_id = late.exception;
       mended := mended + 1;
     END LOOP;
     -- One that is left alone on purpose is put off again by its worker.
     FOR late IN
       SELECT j.payload->>'tenant' AS tenant, j.payload->>'id' AS endpoint FROM graphile_worker._private_jobs j
       WHERE j.key LIKE 'deliver:%' AND j.locked_at IS NULL AND j.run_at > now() + interval '2 minutes'
         AND EXISTS (SELECT FROM webhook_lane w WHERE w.tenant_id = j.payload->>'tenant'
           AND w.endpoint_id = (j.payload->>'id')::uuid AND w.due_at <= now())
     LOOP
       PERFORM redress_set_endpoint_job(late.tenant, late.endpoint::uuid, now(), NULL);
       mended := mended + 1;
     END LOOP;
     FOR late IN
       UPDATE dispatch d SET next_attempt_at = now()
       WHERE d.state = 'SENDING' AND d.next_attempt_at > now() + interval '2 minutes'
       RETURNING d.tenant_id AS tenant, d.id
     LOOP
       PERFORM FROM graphile_worker.add_jobs(ARRAY[ROW('dispatch', json_build_object('tenant', late.tenant, 'id', late.id), NULL, now(),
         25, 'dispatch:' || late.id, 0, NULL)::graphile_worker.job_spec]);
       mended := mended + 1;
     END LOOP;
     RETURN mended;
   END $$`,
  'REVOKE ALL ON FUNCTION redress_mend_times FROM PUBLIC',
];
