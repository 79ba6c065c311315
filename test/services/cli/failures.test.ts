import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { csvRows } from '../../../services/cli/commands/cdr/history/csv-rows.ts';
import { childEnvironment } from '../../support/child-process.ts';
import { switchfleet } from '../../support/command.ts';

const NOBODY_LISTENS = 'postgres://u:hunter2@127.0.0.1:1/x';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-failures-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** That it failed, with one line that ends with its code and names no secret. */
function assertOneLine({ code, err }: { code: number | null; err: string }, failure: string): void {
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^switchfleet: [^\\n]+ \\(${failure}\\)\\n$`));
  assert.doesNotMatch(err, /hunter2/);
}

test('a backup of a standalone that does not run says so, and leaves nothing', async (t) => {
  const dataDir = folderOf(t);
  writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify({ databaseUrl: NOBODY_LISTENS }));
  const outcome = await switchfleet(['backup', join(dataDir, 'monday')], { DATA_DIR: dataDir });
  assertOneLine(outcome, 'database-unavailable');
  assert.deepEqual(readdirSync(dataDir), ['secrets.json']);
});

test('a bundle that cannot be written says so behind the findings; a password with a % that encodes nothing is no trouble', async (t) => {
  const folder = folderOf(t);
  const environment = { DATABASE_URL: NOBODY_LISTENS.replace('hunter2', 'hunter2%et') };
  const outcome = await switchfleet(['doctor', '--bundle', join(folder, 'none/bundle')], environment);
  assertOneLine(outcome, 'bundle-unwritable');
  assert.match(outcome.out.toString(), /^failed +database/m);
  const { err } = await switchfleet(['doctor', '--bundle', join(folder, 'bundle')], environment);
  assert.equal(err, '');
});

test('a certificate that DATABASE_URL names and that is not there is told as the database is', async () => {
  const DATABASE_URL = `${NOBODY_LISTENS}?sslmode=verify-full&sslrootcert=/none.crt`;
  assertOneLine(await switchfleet(['migrate'], { DATABASE_URL }), 'database-unavailable');
});

test('a CSV file that cannot be read is named', async () => {
  await assert.rejects(csvRows('/none.csv', undefined).next(), {
    code: 'csv-unreadable',
    message: /none\.csv/,
  });
});

test('output that a full disk cuts off is a failure in one line', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full');
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const main = resolve(import.meta.dirname, '../../../services/cli/main.ts');
  const child = spawn(process.execPath, [main, 'completion', 'bash'], {
    env: childEnvironment(),
    stdio: ['ignore', full, 'pipe'],
  });
  const [err, [code]] = await Promise.all([text(child.stderr ?? assert.fail()), once(child, 'close')]);
  assertOneLine({ code: code as number, err }, 'output-unwritable');
});
