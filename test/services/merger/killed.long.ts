import { test } from 'node:test';
import { startServer, survives } from './killed-run.ts';

test('a merger and PostgreSQL killed in the middle: all calls come out as the pure core makes them', async (t) => {
  await survives(t, await startServer(t));
});
