import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Comments, and how far the other side of a dispatch has got. */
export class Comments1700000000002 implements MigrationInterface {
  readonly name = 'Comments1700000000002';

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE exception ADD COLUMN external_updated_at timestamptz(3)');
    await db.query(`CREATE TABLE comment (
      tenant_id text COLLATE "C" NOT NULL,
      id uuid NOT NULL,
      exception_id uuid NOT NULL,
      version int4 NOT NULL CHECK (version > 0),
      author text NOT NULL,
      content text NOT NULL,
      created_at timestamptz(3) NOT NULL,
      updated_at timestamptz(3) NOT NULL,
      deleted_at timestamptz(3),
      PRIMARY KEY (tenant_id, id),
      FOREIGN KEY (tenant_id, exception_id) REFERENCES exception
    )`);
    await db.query(
      'CREATE INDEX comment_by_exception ON comment (tenant_id, exception_id, id) WHERE deleted_at IS NULL',
    );
    await db.query('ALTER TABLE comment ENABLE ROW LEVEL SECURITY');
    await db.query(`CREATE POLICY tenant ON comment USING (tenant_id = current_setting('redress.tenant', true))
      WITH CHECK (tenant_id = current_setting('redress.tenant', true))`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE comment');
    await db.query('ALTER TABLE exception DROP COLUMN external_updated_at');
  }
}
