import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { listen } from '../../../libs/http/listen.ts';
import { ADMIN, testApi } from '../api/api.ts';
import { makeFleet, makeWorld } from '../api/world.ts';
import { installSchemathesis, runSchemathesis } from './schemathesis.ts';

/** Asks an api with something of everything in it whatever its document allows, and forbids, for so long. */
export async function askEverything(t: TestContext, run: { seconds: number; seed: number }): Promise<void> {
  if (!(await installSchemathesis())) {
    t.skip('schemathesis cannot be installed here (it needs Python 3 and PyPI)');
    return;
  }
  const api = await testApi(t);
  await makeWorld(api, 'alpha', 1);
  await makeFleet(api);
  const port = await listen(api.app, { host: '127.0.0.1', port: 0 });
  const { code, output } = await runSchemathesis(`http://127.0.0.1:${port}`, { token: ADMIN, ...run });
  assert.equal(code, 0, output.slice(-20_000));
}
