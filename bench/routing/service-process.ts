import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createClock } from '../../libs/clock/clock.ts';
import { loadConfig } from '../../libs/config/config.ts';
import { keepHeapSmall } from '../../libs/lifecycle/small-heap.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createRoutingService } from '../../services/routing/service.ts';
import { loadOf } from '../../test/support/routing/lab-fleet.ts';
import { createLoadPipe } from '../../test/support/routing/load-pipe.ts';

/** The routing service as its process runs it, on a bus whose heartbeats are made here; it watches its own event loop. */
export interface ServiceReady {
  port: number;
  loadSeconds: number;
}

keepHeapSmall();
const NODES = Number(process.env['BENCH_NODES'] ?? 20);
delete process.env['BENCH_NODES'];
const config = loadConfig();
const logger = createLogger({ service: 'routing', level: config.LOG_LEVEL });
const metrics = createMetrics('routing');
const database = openDatabase({ config, logger });
const pipe = createLoadPipe();
const service = createRoutingService({
  config,
  clock: createClock(),
  logger,
  metrics,
  database,
  bus: pipe.bus,
});
const delay = monitorEventLoopDelay({ resolution: 1 });

function beat(): void {
  const now = Date.now() * 1000;
  for (let node = 1; node <= NODES; node += 1) {
    const load = { sessions: node * 10, max_sessions: 100_000, max_sessions_per_second: 100_000 };
    pipe.say(loadOf(`fs${node}`, { at_us: now, heartbeat_us: now, ...load }));
  }
}

async function start(): Promise<ServiceReady> {
  const started = performance.now();
  await service.start();
  const loadSeconds = (performance.now() - started) / 1000;
  beat();
  setInterval(beat, 1_000).unref();
  delay.enable();
  return { port: service.port, loadSeconds };
}

/** The longest pause since the last time, milliseconds. */
function longestPause(): number {
  const pause = delay.max / 1e6;
  delay.reset();
  return pause;
}

process.on('message', async (message) => {
  process.send?.(message === 'start' ? await start() : longestPause());
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
