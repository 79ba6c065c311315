import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DIST, hashSources, STAMP } from '../../console/sources.ts';
import { startChild } from '../support/child-process.ts';
import { until } from '../support/until.ts';

const build = async () => {
  assert.equal(await startChild({ entry: 'console/build.ts' }).ended(120_000), 0);
};

test('the bundle is built of the sources as they are, and only when they changed', async () => {
  await build();
  assert.equal(readFileSync(STAMP, 'utf8'), hashSources());
  const placeOf = () => statSync(join(DIST, 'index.html')).ino;
  // another test may just be building the same
  await until(
    'it is left as it is',
    async () => {
      const before = placeOf();
      await build();
      return placeOf() === before;
    },
    60_000,
  );
});
