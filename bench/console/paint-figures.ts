import { median } from '../figure.ts';
import type { ConsolePlace } from './place.ts';

/** From the request of the page to its first content, with an empty cache (ms, median). */
export async function firstPaint({ origin, open }: ConsolePlace, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { page } = await open();
    await page.goto(`${origin}/console/`);
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    times.push(
      Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")),
    );
    await page.context().close();
  }
  return median(times);
}

/** CPU time of the main thread from an empty page until the ladder of a call of 64 legs and 2,000 events is painted (ms, median). */
export async function ladderPaint({ origin, open }: ConsolePlace, rounds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { page, devtools } = await open();
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(`${origin}/console/calls/large`);
    await page.locator('svg.ladder .row').first().waitFor();
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    times.push((await taskSeconds(devtools)) * 1_000);
    await page.context().close();
  }
  return median(times);
}

interface Devtools {
  send(method: 'Performance.getMetrics'): Promise<{ metrics: { name: string; value: number }[] }>;
}

/** CPU time that the page's main thread has used, seconds. */
export async function taskSeconds(devtools: Devtools): Promise<number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}
