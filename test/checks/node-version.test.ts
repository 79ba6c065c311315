import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

const CHECK = resolve(import.meta.dirname, '../../checks/node-version.cjs');

test('the Node of the npm package may run the scripts', () => {
  assert.equal(execFileSync(process.execPath, [CHECK], { encoding: 'utf8' }), '');
});

test('an older Node is told what is missing, in one line', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-node-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const older = join(folder, 'older.cjs');
  writeFileSync(older, `Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } });\n`);
  const { status, stderr } = spawnSync(process.execPath, ['-r', older, CHECK], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^switchfleet: this is Node 20\.20\.2, and 24 is needed.*npm ci without --ignore-scripts\.\n$/,
  );
});
