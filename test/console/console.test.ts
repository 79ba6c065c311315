import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { skipWithoutBrowser } from './browser.ts';
import { testAccess } from './pages/access.ts';
import { testAccessibility } from './pages/accessibility.ts';
import { testCall } from './pages/call.ts';
import { testCalls } from './pages/calls.ts';
import { testFleet } from './pages/fleet.ts';
import { testHostileTexts } from './pages/hostile-texts.ts';
import { testLive } from './pages/live.ts';
import { testNewcomer } from './pages/newcomer.ts';
import { testProvisioning } from './pages/provisioning.ts';
import { testReports } from './pages/reports.ts';
import { testRouting } from './pages/routing.ts';
import { testSearches } from './pages/searches.ts';
import { testStream } from './pages/stream.ts';
import { testSystem } from './pages/system.ts';
import { openScene, type Scene } from './scene.ts';

/** Tests wait more than they work: several at a time, each in a profile of its own. */
const AT_ONCE = 4;

describe('the console in a browser', { skip: skipWithoutBrowser, concurrency: AT_ONCE }, () => {
  let scene: Scene | undefined;
  const opened = (): Scene => {
    if (scene === undefined) throw new Error('the scene is not open yet');
    return scene;
  };
  before(
    async () => {
      scene = await openScene();
    },
    { timeout: 180_000 },
  );
  after(async () => {
    const undocumented = await scene?.undocumented();
    await scene?.stop();
    assert.deepEqual(undocumented ?? [], [], 'the console asks only what everybody may ask');
  });

  // the longest first
  testNewcomer(opened);
  testAccessibility(opened);
  testStream(opened);
  testAccess(opened);
  testFleet(opened);
  testLive(opened);
  testCalls(opened);
  testSearches(opened);
  testCall(opened);
  testHostileTexts(opened);
  testReports(opened);
  testProvisioning(opened);
  testRouting(opened);
  testSystem(opened);
});
