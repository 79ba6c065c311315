import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childEnvironment } from '../support/child-process.ts';
import { until } from '../support/until.ts';
import { FREE_PORTS, makeDataDirectory } from './standalone.ts';

test('a SIGTERM to npm, as supervisors send it, stops what npm started, and npm ends after it', async (t) => {
  const dataDir = makeDataDirectory(t);
  const npm = spawn('npm', ['start', '--ignore-scripts'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { ...childEnvironment(), DATA_DIR: dataDir, ...FREE_PORTS },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  npm.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const closed = once(npm, 'exit');
  await until('standalone is ready', () => output.includes('switchfleet is ready'), 120_000);
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'standalone.lock'), 'utf8')) as { pid: number };
  t.after(() => isRunning(pid) && process.kill(pid, 'SIGKILL'));
  npm.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
  assert.equal(isRunning(pid), false, 'standalone has ended');
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
