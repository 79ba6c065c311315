import assert from 'node:assert/strict';
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { takeStandaloneLock } from '../../../../libs/postgres/embedded/standalone-lock.ts';

const STARTERS = 5;
const ROUNDS = 60;

async function makeDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-lock-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** What a killed process left: nobody has this number, and no process ever started then. */
const stale = (token: string) => JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'once', token });

/** Processes of their own: within one the file operations take turns, and no two ever meet. */
async function startStarters(t: TestContext): Promise<ChildProcess[]> {
  const starters = Array.from({ length: STARTERS }, () =>
    fork(join(import.meta.dirname, 'lock-process.ts'), { stdio: 'ignore' }),
  );
  t.after(() => starters.forEach((starter) => void starter.kill('SIGKILL')));
  await Promise.all(starters.map((starter) => once(starter, 'message')));
  return starters;
}

async function ask(starters: readonly ChildProcess[], message: Serializable): Promise<unknown[]> {
  const answers = starters.map(async (starter) => (await once(starter, 'message'))[0]);
  for (const starter of starters) starter.send(message);
  return Promise.all(answers);
}

test('of many that start at once behind a killed process, exactly one takes its lock over', {
  timeout: 60_000,
}, async (t) => {
  const directory = await makeDirectory(t);
  const starters = await startStarters(t);
  for (let round = 0; round < ROUNDS; round++) {
    await writeFile(join(directory, 'standalone.lock'), stale(`killed-${round}`));
    const answers = await ask(starters, { take: directory });
    assert.deepEqual(answers.toSorted(), [...Array(STARTERS - 1).fill('already-running'), 'taken']);
    await ask(starters, 'release');
    assert.deepEqual(await readdir(directory), [], 'nothing is left of the attempts');
  }
});

test('a lock whose takers were killed half way, one after the other, is taken over', async (t) => {
  const directory = await makeDirectory(t);
  const path = join(directory, 'standalone.lock');
  await writeFile(path, stale('a'));
  await writeFile(`${path}.after-a`, stale('b'));
  await writeFile(`${path}.after-b`, 'not a lock');
  const lock = await takeStandaloneLock(directory);
  await assert.rejects(takeStandaloneLock(directory), { code: 'already-running' });
  assert.deepEqual(await readdir(directory), ['standalone.lock']);
  await lock.release();
  assert.deepEqual(await readdir(directory), []);
});

test('a data directory that cannot be made is one coded error', async (t) => {
  const directory = await makeDirectory(t);
  await writeFile(join(directory, 'file'), '');
  await assert.rejects(takeStandaloneLock(join(directory, 'file/data')), { code: 'lock-failed' });
});
