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
  return postgres.url;
}

async function createTemplate(url) {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('DROP DATABASE IF EXISTS redress_template');
  await client.query('CREATE DATABASE redress_template');
  await client.end();
}
