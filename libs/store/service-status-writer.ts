import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Lag } from '../bus/bus.ts';
import type { Clock } from '../clock/clock.ts';
import { messageOf } from '../errors/coded-error.ts';
import type { Service, ServiceFigures, Stoppable } from '../lifecycle/stoppable.ts';
import { readVersion } from '../lifecycle/version.ts';
import type { Logger } from '../telemetry/logger.ts';
import { pruneServiceStatus, removeServiceStatus, writeServiceStatus } from './service-status.ts';

export interface StatusReport {
  service: Pick<Service, 'name' | 'health' | 'figures'>;
  /** INSTANCE_ID */
  instance: string;
  pool: Pool;
  clock: Clock;
  logger: Logger;
  /** milliseconds between two rows, of real time: readers compare with the database's clock */
  intervalMs?: number;
}

const INTERVAL_MS = 5_000;
/** Figures come from brokers that may be away: the row is written without them then. */
const FIGURES_MS = 2_000;
/** A service does not wait for a database that is away to say that it stopped. */
const GOODBYE_MS = 2_000;
const FORGOTTEN_SECONDS = 7 * 86_400;

/**
 * Says in `service_status` every 5 s how a service is, until stopped; stopping on purpose removes the row. Starts at once and
 * never throws: a database that is away is logged once, and written to again when it is back.
 */
export function reportStatus(report: StatusReport): Stoppable {
  const { service, instance, pool, clock, logger, intervalMs = INTERVAL_MS } = report;
  const stopping = new AbortController();
  const row = { instance, service: service.name, version: readVersion(), startedAtUs: clock.nowUs() };
  let hasFailed = false;

  async function attempt(what: () => Promise<unknown>): Promise<void> {
    try {
      await what();
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) logger.warn({ reason: messageOf(error) }, 'cannot write service_status');
      hasFailed = true;
    }
  }

  async function run(): Promise<void> {
    await attempt(() => pruneServiceStatus(pool, FORGOTTEN_SECONDS));
    while (!stopping.signal.aborted) {
      const figures = await figuresOf(service);
      await attempt(() => writeServiceStatus(pool, { ...row, health: service.health(), ...figures }));
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      const goodbye = running.then(() => attempt(() => removeServiceStatus(pool, row)));
      await Promise.race([goodbye, sleep(GOODBYE_MS, undefined, { ref: false })]);
    },
  };
}

const NO_FIGURES: ServiceFigures = { lagRecords: null, lagSeconds: null, snapshotAgeSeconds: null };

async function figuresOf(service: Pick<Service, 'figures'>): Promise<ServiceFigures> {
  if (service.figures === undefined) return NO_FIGURES;
  const late = new AbortController();
  try {
    const known = await Promise.race([
      service.figures(),
      sleep(FIGURES_MS, {}, { signal: late.signal, ref: false }).catch(() => ({})),
    ]);
    return { ...NO_FIGURES, ...known };
  } catch {
    // whoever works with that broker says what is wrong with it
    return NO_FIGURES;
  } finally {
    late.abort();
  }
}

/** A consumer's lag over all its partitions: what there is to apply, and how old the oldest of it is. */
export function totalLag(
  lags: readonly Lag[],
): Pick<ServiceFigures, 'lagRecords' | 'lagSeconds' | 'partitionLags'> {
  return {
    lagRecords: lags.reduce((sum, { records }) => sum + records, 0),
    lagSeconds: lags.reduce((longest, { seconds }) => Math.max(longest, seconds), 0),
    partitionLags: lags,
  };
}
