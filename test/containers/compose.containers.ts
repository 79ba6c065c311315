import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { startCdrLoad } from '../support/cdr-load.ts';
import { until } from '../support/until.ts';
import { composeProgram } from './compose-program.ts';
import { docker } from './docker.ts';
import { ROOT } from './stores.ts';

const run = promisify(execFile);
/** An address of this machine that nobody else publishes the same ports on. */
const ADDRESS = '127.66.0.1';
const UP_MS = 600_000;
const SECRETS = ['secrets_key', 'freeswitch_password', 'kamailio_password', 'api_token'] as const;

interface Project {
  compose: (...words: string[]) => Promise<string>;
  secrets: Readonly<Record<(typeof SECRETS)[number], string>>;
}

/** A folder as docs/operations.md says: the compose file, what it mounts, secrets and .env. */
async function openProject(t: TestContext): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-compose-'));
  await cp(`${ROOT}/docker-compose.yml`, `${folder}/docker-compose.yml`);
  await cp(`${ROOT}/integrations`, `${folder}/integrations`, { recursive: true });
  for (const path of ['test/support', 'test/fixtures/run-01'])
    await cp(`${ROOT}/${path}`, `${folder}/${path}`, { recursive: true });
  await mkdir(`${folder}/secrets`);
  const made = () => randomBytes(32).toString('hex');
  const secrets = {
    secrets_key: made(),
    freeswitch_password: made(),
    kamailio_password: made(),
    api_token: made(),
  };
  for (const name of SECRETS) await writeFile(`${folder}/secrets/${name}`, `${secrets[name]}\n`);
  await writeFile(`${folder}/.env`, `POSTGRES_PASSWORD=${made()}\nBIND=${ADDRESS}\n`);
  const program = await composeProgram();
  const compose = async (...words: string[]) => {
    const limits = { cwd: folder, timeout: UP_MS, maxBuffer: 16 * 1024 * 1024 };
    const { stdout } = await run(program, words, limits);
    return stdout.trim();
  };
  t.after(async () => {
    await compose('--profile', '*', 'down', '--volumes', '--timeout', '20');
    await rm(folder, { recursive: true, force: true });
  });
  return { compose, secrets };
}

interface Listed {
  Service: string;
  Health: string;
}

test('docker compose up --wait ends healthy; CDRs survive the death of each instance that takes them', async (t) => {
  const { compose, secrets } = await openProject(t);
  await compose('up', '-d', '--no-build', '--wait').catch(async (error) =>
    assert.fail(`${error}\n${await compose('logs', '--tail', '20').catch(String)}`),
  );

  await t.test('every instance, PostgreSQL and Kafka are healthy', async () => {
    const lines = (await compose('ps', '--format', 'json')).split('\n');
    const listed = lines.map((line) => JSON.parse(line) as Listed);
    const checked = listed.filter(({ Service }) => !['haproxy', 'migrate'].includes(Service));
    assert.equal(checked.length, 12);
    assert.deepEqual(
      checked.filter(({ Health }) => Health !== 'healthy'),
      [],
    );
  });

  await t.test('it knows those who have its secrets', async () => {
    const ask = (token: string) =>
      fetch(`http://${ADDRESS}:3100/v1/nodes`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal((await ask(secrets.api_token)).status, 200);
    assert.equal((await ask('other')).status, 401);
  });

  await t.test('each cdr is killed in turn under load: every CDR is stored, once', async (t) => {
    const load = startCdrLoad(
      {
        urls: [`http://${ADDRESS}:3102/cdr`],
        credentials: { username: 'freeswitch', password: secrets.freeswitch_password },
        // a machine that has other things to do refuses for longer
        retries: 30,
        delayMs: 1_000,
      },
      { calls: 400, rate: 15 },
    );
    for (const service of ['cdr1', 'cdr2']) await killAndAwait(compose, service);
    await load.finished;
    const { accepted, lost, failedAttempts } = load.ledger.counts;
    t.diagnostic(`${load.total} CDRs, ${failedAttempts} attempts failed`);
    assert.deepEqual({ accepted, lost }, { accepted: load.total, lost: 0 });
    const rows = () => stored(compose);
    await until('every CDR is stored', async () => (await rows()).uuids >= load.total, 60_000);
    assert.deepEqual(await rows(), { rows: load.total, uuids: load.total });
  });

  await t.test(
    'profile monitoring: Prometheus reaches every instance and alerts arrive (without Grafana)',
    async () => {
      await compose('up', '-d', '--no-build', 'prometheus', 'alertmanager');
      await until('every instance is scraped', async () => (await targetsUp()).length >= 10, 120_000);
      await until('the watchdog barks', async () => (await alertsOf()).includes('Watchdog'), 120_000);
    },
  );

  await t.test('profile demo: three servers are followed, and their calls are seen', async () => {
    await compose('--profile', 'demo', 'up', '-d', '--no-build', 'simulator');
    const ask = async (path: string) => {
      const headers = { authorization: `Bearer ${secrets.api_token}` };
      const answer = await fetch(`http://${ADDRESS}:3100${path}`, { headers });
      return ((await answer.json()) as { items: { state?: string }[] }).items;
    };
    const isPlaying = async () =>
      (await ask('/v1/nodes')).length === 3 && (await ask('/v1/calls?limit=50')).length >= 20;
    await until('calls of three servers are seen', isPlaying, 180_000).catch(async (error) =>
      assert.fail(`${error}\n${await compose('logs', '--tail', '20', 'simulator')}`),
    );
  });
});

/** Instances that Prometheus reaches, of our own. */
async function targetsUp(): Promise<string[]> {
  const answer = await fetch(`http://${ADDRESS}:9090/api/v1/targets?state=active`).catch(() => undefined);
  if (answer?.ok !== true) return [];
  const { data } = (await answer.json()) as {
    data: { activeTargets: { health: string; labels: Record<string, string> }[] };
  };
  return data.activeTargets.flatMap(({ health, labels }) =>
    health === 'up' && labels['service'] !== undefined ? [labels['instance'] ?? ''] : [],
  );
}

/** Names of the alerts that Alertmanager has. */
async function alertsOf(): Promise<string[]> {
  const answer = await fetch(`http://${ADDRESS}:9093/api/v2/alerts`).catch(() => undefined);
  if (answer?.ok !== true) return [];
  return ((await answer.json()) as { labels: { alertname: string } }[]).map(({ labels }) => labels.alertname);
}

/** kill -9 of a container's process; its restart policy brings it back. */
async function killAndAwait(compose: Project['compose'], service: string): Promise<void> {
  const container = await compose('ps', '-q', service);
  const inspect = (format: string) => docker(['inspect', '-f', format, container]);
  process.kill(Number(await inspect('{{.State.Pid}}')), 'SIGKILL');
  const again = async () => (await inspect('{{.RestartCount}} {{.State.Health.Status}}')) === '1 healthy';
  await until(`${service} is healthy again`, again, 120_000);
}

/** What PostgreSQL holds, asked from where the api is. */
async function stored(compose: Project['compose']): Promise<{ rows: number; uuids: number }> {
  const script = `const { Client } = require('pg');
    const client = new Client({ connectionString: process.env.DATABASE_URL });
    client.connect()
      .then(() => client.query('select count(*)::int as rows, count(distinct uuid)::int as uuids from cdr'))
      .then((answer) => { console.log(JSON.stringify(answer.rows[0])); return client.end(); });`;
  return JSON.parse(await compose('exec', '-T', 'api', 'node', '-e', script));
}
