const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Client } = require('pg');

/** Starts a PostgreSQL for this test run, unless TEST_DATABASE_URL names one, and adds the empty template. */
module.exports = async function startDatabase() {
  if (!process.env.TEST_DATABASE_URL) {
    process.env.TEST_DATABASE_URL = await startThrowAwayPostgres();
  }
  await createTemplate(process.env.TEST_DATABASE_URL);
};

async function startThrowAwayPostgres() {
  const { startPostgres } = require('../../scripts/postgres/index.mjs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redress-test-'));
  // mkdtemp lets only its owner in, while PostgreSQL may have to run as another user.
  fs.chmodSync(folder, 0o711);
  const postgres = await startPostgres({
    dataDir: path.join(folder, 'postgres'),
    settings: { max_connections: 200 },
    durable: false,
  });
  globalThis.stopTestDatabase = async () => {
    await postgres.stop();
    for (const place of [postgres.home, folder]) fs.rmSync(place, { recursive: true, force: true });
  };
  await makeLoginsCheap(postgres.url);
  return postgres.url;
}

/** The 4096 rounds of SHA-256 of a login cost both sides more than what most connections of these tests are for. */
async function makeLoginsCheap(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS version");
  // Earlier versions have no such setting.
  if (rows[0].version >= 160_000) {
    await client.query('ALTER SYSTEM SET scram_iterations = 1');
    await client.query('SET scram_iterations = 1');
    await client.query(`ALTER ROLE CURRENT_USER PASSWORD ${client.escapeLiteral(new URL(url).password)}`);
    await client.query('SELECT pg_reload_conf()');
  }
  await client.end();
}

async function createTemplate(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('DROP DATABASE IF EXISTS redress_template');
  await client.query('CREATE DATABASE redress_template');
  await client.end();
}
