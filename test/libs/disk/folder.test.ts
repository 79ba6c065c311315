import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../libs/disk/folder.ts';

test('a folder is made with those above it; what is there stays; what cannot be is told at once', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'switchfleet-folder-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const deep = join(home, 'a', 'b', 'c');
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(deep, 0o700)));
  for (const path of [deep, join(home, 'a')]) assert.equal(statSync(path).mode & 0o777, 0o700);
  await makeFolder(deep, 0o711);
  assert.equal(statSync(deep).mode & 0o777, 0o700);

  writeFileSync(join(home, 'file'), '');
  symlinkSync(join(home, 'nowhere'), join(home, 'dangling'));
  symlinkSync(deep, join(home, 'other'));
  await makeFolder(join(home, 'other', 'd'));
  assert.ok(existsSync(join(deep, 'd')));
  await assert.rejects(makeFolder(join(home, 'file')), { code: 'EEXIST' });
  await assert.rejects(makeFolder(join(home, 'file', 'e')), { code: 'ENOTDIR' });
  await assert.rejects(makeFolder(join(home, 'dangling', 'e')), { code: 'EEXIST' });
  await assert.rejects(makeFolder(''), { code: 'ENOENT' });
  if (existsSync('/proc')) await assert.rejects(makeFolder('/proc/none/such'), { code: 'ENOENT' });
});
