import { test } from 'node:test';
import { testDatabase } from '../../support/stack/test-database.ts';
import { survives } from './killed-run.ts';

test('a merger that is killed in the middle: all calls come out as the pure core makes them', async (t) => {
  await survives(t, await testDatabase(t));
});
