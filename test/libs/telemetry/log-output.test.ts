import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { createLogOutput } from '../../../libs/telemetry/log-output.ts';
import { childEnvironment } from '../../support/child-process.ts';
import { until } from '../../support/until.ts';

/** A log in a file, on a disk that is full until `isFull` says otherwise. */
function logFile(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-log-'));
  const path = join(folder, 'log');
  const fd = openSync(path, 'w');
  const disk = { isFull: false };
  const real = fs.write as (...given: unknown[]) => void;
  const write = (...given: unknown[]) => {
    const done = given.at(-1) as (error: Error) => void;
    if (!disk.isFull || given[0] !== fd) return real(...given);
    setImmediate(() => done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })));
  };
  t.mock.method(fs, 'write', write as never);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const lines = () => readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return { fd, disk, lines };
}

test('lines come in their order, those that wait at the end too', async (t) => {
  const { fd, lines } = logFile(t);
  const output = createLogOutput(fd);
  for (const line of ['a', 'b', 'c']) output.write(`${line}\n`);
  await until('they are there', () => lines().length === 3);
  output.write('d\n');
  output.write('e\n');
  output.flush();
  await until('all are there', () => lines().length === 5);
  assert.deepEqual(lines().toSorted(), ['a', 'b', 'c', 'd', 'e']);
});

test('on a disk that is full lines wait, those without room are counted, and the log goes on afterwards', async (t) => {
  const { fd, disk, lines } = logFile(t);
  const output = createLogOutput(fd);
  disk.isFull = true;
  output.write('first\n');
  const long = `${'x'.repeat(2 ** 18)}\n`;
  for (let count = 0; count < 8; count++) output.write(long);
  assert.deepEqual(lines(), []);
  disk.isFull = false;
  await until('what waited is there', () => lines().length > 4);
  output.write('last\n');
  await until('the last is there', () => lines().includes('last'));
  assert.equal(lines()[0], 'first');
  const lost = lines().find((line) => line.startsWith('{')) ?? assert.fail(`${lines().length} lines`);
  assert.equal(lines().length + JSON.parse(lost).lost, 1 + 8 + 1 + 1);
});

const LOGGING = `
  import { createLogger } from '${import.meta.resolve('../../../libs/telemetry/logger.ts')}';
  const logger = createLogger({ service: 'test', level: 'info' });
  logger.info('first');
  setTimeout(() => { logger.info('second'); process.stderr.write('works'); process.exit(0); }, 300);`;

test('a process whose log cannot be written works, and ends', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full');
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const child = spawn(process.execPath, ['--input-type=module', '--eval', LOGGING], {
    env: childEnvironment(),
    stdio: ['ignore', full, 'pipe'],
    timeout: 20_000,
  });
  const [said, [code]] = await Promise.all([text(child.stderr ?? assert.fail()), once(child, 'close')]);
  assert.deepEqual([said, code], ['works', 0]);
});

const STOPPING = `
  import { createLogger } from '${import.meta.resolve('../../../libs/telemetry/logger.ts')}';
  const logger = createLogger({ service: 'test', level: 'info' });
  setInterval(() => { for (let line = 0; line < 100; line++) logger.info('x'.repeat(1_000)); }, 5);
  setTimeout(() => { process.stderr.write('works'); process.exit(0); }, 300);`;

test('a process whose log is read no more, and yet open, works, and ends', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', STOPPING], {
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
    killSignal: 'SIGKILL',
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  child.stdout.destroy();
  assert.deepEqual([said, code], ['works', 0]);
});
