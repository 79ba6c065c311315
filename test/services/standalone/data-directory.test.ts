import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { refuseForeignOwner } from '../../../services/standalone/owner.ts';
import { connectFileOf, openSecrets } from '../../../services/standalone/secrets.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-data-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('secrets are made once: when they are gone and servers use them, that stops the start', async (t) => {
  const dataDir = folderOf(t);
  const path = join(dataDir, 'secrets.json');
  const made = await openSecrets(dataDir);
  assert.deepEqual(await openSecrets(dataDir), made);

  // a first start that was killed before it had shown them
  rmSync(path);
  const second = await openSecrets(dataDir);
  assert.notEqual(second.freeswitchPassword, made.freeswitchPassword);

  writeFileSync(connectFileOf(dataDir), 'cred');
  rmSync(path);
  await assert.rejects(openSecrets(dataDir), { code: 'secrets-missing', message: /connect\.txt/ });
  assert.ok(!existsSync(path));
  assert.equal(readFileSync(connectFileOf(dataDir), 'utf8'), 'cred');
});

const NOBODY = 65_534;

test("root leaves another user's data directory alone: that user could not open it again", async (t) => {
  const dataDir = folderOf(t);
  await refuseForeignOwner(dataDir, 0);
  await refuseForeignOwner(join(dataDir, 'none'), 0);
  const path = join(dataDir, 'secrets.json');
  writeFileSync(path, '{}');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    await refuseForeignOwner(dataDir, 0);
    chownSync(path, NOBODY, NOBODY);
  }
  const owner = isRoot ? NOBODY : process.getuid?.();
  await assert.rejects(refuseForeignOwner(dataDir, 0), {
    code: 'data-directory-foreign',
    message: new RegExp(`user ${owner}`),
  });
  await refuseForeignOwner(dataDir, owner);
});
