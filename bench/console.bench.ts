import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { readBundle } from '../services/api/console/bundle.ts';
import { heapGrowth, liveMainThread } from './console/live-figures.ts';
import { firstPaint, ladderPaint } from './console/paint-figures.ts';
import { openConsolePlace } from './console/place.ts';
import { type Bench, type Figure, figure } from './figure.ts';

const ROUNDS = 5;
const STREAM_SECONDS = 120;

/**
 * The console in Chromium, served as the api serves it, on answers made for the purpose: 5,000 live calls of which 100 change
 * every second, and a call of 64 legs and 2,000 events. `--rounds N`, and `--seconds N` of streaming (120). Shares are of CPU
 * time of the page's main thread, so that a busy machine does not count.
 */
export const bench: Bench = {
  name: 'console',
  description: 'the console: size, paints, main thread and heap while calls stream',
  run: async function* (options) {
    const rounds = Number(options['rounds'] ?? ROUNDS);
    const seconds = Number(options['seconds'] ?? STREAM_SECONDS);
    execFileSync(process.execPath, ['console/build.ts'], { stdio: 'inherit' });
    yield await bundleSize();
    const place = await openConsolePlace();
    try {
      yield figure('console.first_paint_ms', await firstPaint(place, rounds), 'ms', 'lower');
      yield figure('console.ladder_paint_ms', await ladderPaint(place, rounds), 'ms', 'lower');
      yield figure('console.live_main_thread', await liveMainThread(place), 'share', 'lower');
      yield figure('console.heap_growth_mb', await heapGrowth(place, seconds), 'MB', 'lower');
    } finally {
      await place.stop();
    }
  },
};

/** Everything that the first visit loads, as it is sent. */
async function bundleSize(): Promise<Figure> {
  const files = [...(await readBundle()).values()];
  const bytes = files.reduce((sum, { bytes: content }) => sum + gzipSync(content, { level: 9 }).length, 0);
  return figure('console.bundle_kb', bytes / 1_000, 'kB', 'lower');
}
