import assert from 'node:assert/strict';
import { access, chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { backUp } from '../../../../libs/postgres/embedded/backup.ts';
import { giveName } from '../../../../libs/postgres/embedded/backup-target.ts';
import { startEmbeddedServer } from '../../../../libs/postgres/embedded-server.ts';
import { migrate } from '../../../../libs/postgres/migrate.ts';
import { apiOver } from '../../../support/api/api.ts';
import { tableCounts } from '../../../support/table-counts.ts';
import { createTestLog } from '../logger.ts';
import { DAY, MAKE_CALLS } from './made-calls.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../../migrations');
const { logger } = createTestLog('warn');
test('a backup that is made while calls are stored starts as a fresh server: the same rows, the same report', {
  timeout: 180_000,
}, async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'switchfleet-backup-'));
  await chmod(parent, 0o711);
  t.after(() => rm(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const dataDirectory = join(parent, 'data');
  const first = await startEmbeddedServer({ dataDirectory, logger });
  t.after(() => first.stop());
  const { connectionString } = first;
  await migrate({ connectionString, directory: MIGRATIONS, logger });
  await writeFile(
    join(dataDirectory, 'secrets.json'),
    JSON.stringify({ secretsKey: 'kept', databaseUrl: connectionString }),
  );
  const source = apiOver(t, connectionString);
  await source.pool.query(MAKE_CALLS, [500]);

  const target = join(parent, 'backups', 'monday');
  const killedOnes = join(`${target}.partial`, 'postgres', 'data', 'PG_VERSION');
  await mkdir(join(killedOnes, '..'), { recursive: true });
  await writeFile(killedOnes, 'of a backup that was killed');
  await symlink(join(parent, 'backups'), join(parent, 'link'));
  const inside = join(dataDirectory, 'postgres', 'data', 'copy');
  await assert.rejects(backUp({ connectionString, dataDirectory, target: inside }), {
    code: 'backup-target-inside',
  });
  let changes = 0;
  const onFile = async (done: number) => {
    if (done === 1) {
      await assert.rejects(access(target), 'what is not whole has not its name');
      await assert.rejects(backUp({ connectionString, dataDirectory, target }), { code: 'backup-running' });
      const byLink = join(parent, 'link', 'monday');
      await assert.rejects(backUp({ connectionString, dataDirectory, target: byLink }), {
        code: 'backup-running',
      });
      await assert.rejects(backUp({ connectionString, dataDirectory: parent, target }), {
        code: 'backup-not-ours',
      });
    }
    if (done % 200 !== 0) return;
    await source.pool.query(MAKE_CALLS, [50]);
    changes += 1;
  };
  const { files } = await backUp({ connectionString, dataDirectory, target, onFile });
  assert.deepEqual(JSON.parse(await readFile(join(target, 'secrets.json'), 'utf8')), { secretsKey: 'kept' });
  assert.ok(changes > 1, `${files} files, ${changes} changes meanwhile`);
  await assert.rejects(backUp({ connectionString, dataDirectory, target }), { code: 'backup-target-exists' });
  const elsewhere = { connectionString, dataDirectory: parent, target: join(parent, 'other') };
  await assert.rejects(backUp(elsewhere), { code: 'backup-not-ours' });
  await assert.rejects(access(elsewhere.target), 'nothing is left of a backup that failed');

  const second = await startEmbeddedServer({ dataDirectory: target, logger });
  t.after(() => second.stop());
  const restored = apiOver(t, second.connectionString);
  const expected = await tableCounts(source.pool);
  assert.equal(expected['calls'], 500 + changes * 50);
  assert.deepEqual(await tableCounts(restored.pool), expected);
  const report = `/v1/reports/kpis?by=trunk&from=${DAY}T08:00:00Z&to=${DAY}T09:00:00Z`;
  const [before, after] = [await source.ask('GET', report), await restored.ask('GET', report)];
  assert.equal((after.body.items ?? []).length, 3, after.text);
  assert.equal(after.text, before.text);
});

test('a folder that somebody made meanwhile is neither replaced nor mixed with the copy', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'switchfleet-backup-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const [draft, target] = [join(parent, 'a.partial'), join(parent, 'a')];
  await mkdir(draft);
  await mkdir(join(target, 'theirs'), { recursive: true });
  await assert.rejects(giveName(draft, target), { code: 'backup-target-exists' });
  await access(join(target, 'theirs'));
});
