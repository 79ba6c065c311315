import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** How often the event loop is asked how late it is, milliseconds. */
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

/**
 * Registers what any process tells of itself: version, processor time, memory, and how late its event loop was since the
 * last look. Asked for when somebody looks, and the event loop is watched from the first look on: who is never scraped
 * pays nothing.
 */
export function showProcess(registry: Registry, version: string): void {
  const registers = [registry];
  new Gauge({
    name: 'switchfleet_build_info',
    help: 'Always 1; the version that runs is a label',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time used, user and system',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('process_start_time_seconds', 'When the process began, seconds since 1970', () =>
    Math.round(performance.timeOrigin / 1000),
  );
  gauge('process_resident_memory_bytes', 'Memory that the process holds', () => process.memoryUsage.rss());
  gauge(
    'switchfleet_heap_used_bytes',
    'Memory of JavaScript objects, alive or not swept yet',
    () => process.memoryUsage().heapUsed,
  );
  showEventLoop(gauge);
}

function showEventLoop(gauge: (name: string, help: string, read: () => number) => unknown): void {
  let watched: ReturnType<typeof monitorEventLoopDelay> | undefined;
  let max = 0;
  // The two are read one after the other, in the order in which they were registered.
  gauge(
    'switchfleet_event_loop_delay_p99_seconds',
    'How late the event loop was, 99 % of the time since the last look',
    () => {
      watched ??= startWatching();
      const p99 = lateness(watched.percentile(99));
      max = lateness(watched.max);
      watched.reset();
      return p99;
    },
  );
  gauge(
    'switchfleet_event_loop_delay_max_seconds',
    'How late the event loop was at the worst since the last look',
    () => max,
  );
}

function startWatching() {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return histogram;
}

/** The interval itself is in what is measured. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000);
}
