import { setTimeout as sleep } from 'node:timers/promises';
import { taskSeconds } from './paint-figures.ts';
import type { ConsolePlace } from './place.ts';

const WARM_UP_MS = 3_000;
const MEASURED_MS = 10_000;

async function openLive({ origin, open }: ConsolePlace) {
  const opened = await open();
  await opened.devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  await opened.page.goto(`${origin}/console/live`);
  await opened.page.locator('.live tbody a').first().waitFor();
  await sleep(WARM_UP_MS);
  return opened;
}

/** Share of its time that the main thread works while 5,000 calls are up and 100 a second change. */
export async function liveMainThread(place: ConsolePlace): Promise<number> {
  const { page, devtools } = await openLive(place);
  const [began, before] = [performance.now(), await taskSeconds(devtools)];
  await sleep(MEASURED_MS);
  const share = (((await taskSeconds(devtools)) - before) * 1_000) / (performance.now() - began);
  await page.context().close();
  return share;
}

/** By how much the heap grew over so many seconds of streaming (MB), garbage collected before each look. */
export async function heapGrowth(place: ConsolePlace, seconds: number): Promise<number> {
  const { page, devtools } = await openLive(place);
  const used = async () => {
    await devtools.send('HeapProfiler.collectGarbage');
    return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1e6;
  };
  const before = await used();
  await sleep(seconds * 1_000);
  const growth = (await used()) - before;
  await page.context().close();
  return growth;
}
