import type { MigrationInterface, QueryRunner } from 'typeorm';
import { hostPoolOf } from '../database/tenant-pool';
import { cycleTaskIds, jobSchema, migrateJobs } from '../jobs/job-schema';

/**
 * The tables of the job engine, which the other migrations refer to. The engine makes them on a session of its own, so
 * that the pool of the data source has to have two.
 */
export class JobSchema1700000000000 implements MigrationInterface {
  readonly name = 'JobSchema1700000000000';

  async up(db: QueryRunner): Promise<void> {
    const pool = hostPoolOf(db.dataSource);
    if (pool.options.max < 2)
      throw new Error('The migrations of @redress/typeorm need two connections: set poolSize to 2 or more.');
    await migrateJobs(pool);
    await db.query(cycleTaskIds);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`DROP SCHEMA ${jobSchema} CASCADE`);
  }
}
