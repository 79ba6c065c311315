import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chown, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findBinaries } from '../../../../libs/postgres/embedded/binaries.ts';
import { decideRunAs, type RunAs, spawnAs } from '../../../../libs/postgres/embedded/run-as.ts';

const IS_ROOT = process.getuid?.() === 0;

/** A folder that nobody but us can enter, as mkdtemp makes it. */
async function closedFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-run-as-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'data'));
  return folder;
}

async function run(runAs: RunAs, command: readonly string[]): Promise<number | null> {
  const child = spawnAs(runAs, command);
  child.stdout?.resume();
  child.stderr?.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

test('programs and data below a closed folder work, and the folder keeps its mode', {
  timeout: 120_000,
}, async (t) => {
  const folder = await closedFolder(t);
  const { initdb } = await findBinaries();
  await cp(dirname(dirname(initdb)), join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  const copy = join(folder, 'native', 'bin', 'initdb');
  const data = join(folder, 'data');
  const runAs = await decideRunAs({ initdb: copy, data });
  assert.equal(runAs.owner !== undefined, IS_ROOT);
  if (runAs.owner !== undefined) await chown(data, runAs.owner.uid, runAs.owner.gid);
  assert.equal(await run(runAs, [copy, `--pgdata=${join(data, 'new')}`, '--no-sync']), 0);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.notEqual((await stat(join(data, 'new'))).uid, 0);
});

test('the right to pass through folders is all that the server gets', async (t) => {
  const folder = await closedFolder(t);
  const { initdb } = await findBinaries();
  const runAs = await decideRunAs({ initdb, data: join(folder, 'data') });
  const script = 'test "$(id -u)" != 0 && ! touch "$1"';
  assert.equal(await run(runAs, ['sh', '-c', script, 'sh', join(folder, 'written')]), IS_ROOT ? 0 : 1);
});

test('what cannot be reached is said with what to chmod', async (t) => {
  const folder = await closedFolder(t);
  await mkdir(join(folder, 'none'));
  const attempt = decideRunAs({ initdb: join(folder, 'none', 'initdb'), data: join(folder, 'data') });
  if (!IS_ROOT) return void assert.equal((await attempt).owner, undefined);
  await assert.rejects(attempt, (error: Error & { code?: string }) => {
    assert.equal(error.code, 'database-folder-closed');
    assert.match(error.message, new RegExp(`chmod o\\+x ${folder}, or set DATABASE_URL`));
    return true;
  });
});
