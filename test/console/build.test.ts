import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DIST, hashSources, STAMP } from '../../console/sources.ts';
import { startChild } from '../support/child-process.ts';

const build = async () => {
  assert.equal(await startChild({ entry: 'console/build.ts' }).ended(120_000), 0);
};

test('the bundle is built of the sources as they are, and only when they changed', async () => {
  await build();
  assert.equal(readFileSync(STAMP, 'utf8'), hashSources());
  const built = statSync(join(DIST, 'index.html')).ino;
  await build();
  assert.equal(statSync(join(DIST, 'index.html')).ino, built, 'it was not built again');
});
