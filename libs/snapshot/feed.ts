import type { Pool } from 'pg';
import { CodedError, messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from '../lifecycle/stoppable.ts';
import { createListener, type Listener } from '../postgres/listen.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/metrics.ts';
import { applyNext } from './apply.ts';
import { borrowClient } from './borrow-client.ts';
import { pruneChanges } from './change-log.sql.ts';
import { createDiskSnapshot, type DiskSnapshot, type DiskSnapshotOptions } from './disk/disk-snapshot.ts';
import { isDoneWithin } from './done-within.ts';
import { createFeedMetrics } from './feed-metrics.ts';
import { type FeedState, HeldSnapshot } from './held-snapshot.ts';
import { loadFromDatabase, loadFromDisk } from './load.ts';
import type { SnapshotModel } from './table.ts';
import { createWaker } from './waker.ts';
import { withSteadyYoungGeneration } from './young-generation.ts';

/** The channel that the change log notifies. */
const CHANNEL = 'switchfleet_config';
/** What a lost notification costs; half of what a change may take to be seen. */
const POLL_MS = 500;
/** How long a poll may take before its connection is given up. */
const POLL_LIMIT_MS = 2_000;
/** Without PostgreSQL a start from the copy on disk waits this long. */
const LISTEN_WAIT_MS = 2_000;
const SILENT = new CodedError('database-timeout', `the database did not answer within ${LISTEN_WAIT_MS} ms`);
const PRUNE_EVERY_MS = 3_600_000;
const KEEP_CHANGES_HOURS = 24;
/** Anybody may ask how a service is: what PostgreSQL or the network said, with addresses and statements, is for the log. */
const PROBLEM = 'the database cannot be read';

export interface FeedOptions<M extends SnapshotModel> {
  /** the primary: LISTEN, the snapshot and the change log must be of one server */
  pool: Pool;
  connectionString: string;
  createModel: () => M;
  /** where the snapshot is kept on disk; undefined: nowhere */
  disk: Omit<DiskSnapshotOptions, 'connectionString' | 'tables' | 'logger'> | undefined;
  logger: Logger;
  metrics: Registry;
  /** real time in milliseconds: PostgreSQL doesn't live in a replay's time */
  now?: () => number;
}

/** Keeps a model equal to the configuration in PostgreSQL (I7), and answering when PostgreSQL is away (I5). */
export interface SnapshotFeed<M extends SnapshotModel> extends Stoppable {
  /**
   * Resolves when the model is loaded, from the database or else from disk.
   * @throws CodedError `snapshot-unavailable` when neither works
   */
  start(): Promise<void>;
  /** What to answer from: changed in place, replaced by a full load. Don't keep it. */
  readonly model: M;
  state(): FeedState;
}

/** @throws nothing: it connects in `start` */
export function createSnapshotFeed<M extends SnapshotModel>(options: FeedOptions<M>): SnapshotFeed<M> {
  const { pool, createModel, logger, now = () => performance.now() } = options;
  const held = new HeldSnapshot(createModel(), now);
  const waker = createWaker();
  const metrics = createFeedMetrics(options.metrics, () => held.state());
  const disk = openDisk(options);
  let prunedAt = now();
  let listener: Listener | undefined;
  let following: Promise<void> | undefined;

  async function load(): Promise<void> {
    const startedAt = now();
    held.replace(await withSteadyYoungGeneration(() => loadFromDatabase(pool, createModel())), 'database');
    const seconds = (now() - startedAt) / 1000;
    metrics.loads.inc({ source: 'database' });
    metrics.loadSeconds.observe(seconds);
    logger.info({ revision: held.revision, seconds }, 'snapshot loaded');
    confirm(startedAt);
  }

  async function loadCopy(cause: unknown): Promise<void> {
    const loading = () => loadFromDisk(disk, createModel(), cause);
    held.replace(await withSteadyYoungGeneration(loading), 'disk');
    held.fail(PROBLEM);
    metrics.loads.inc({ source: 'disk' });
    logger.warn({ reason: messageOf(cause), revision: held.revision }, 'answering from the disk snapshot');
  }

  function confirm(at: number): void {
    if (held.confirm(at)) logger.info({ revision: held.revision }, 'snapshot is fresh');
  }

  /** All is known up to the moment at which the last, complete read began. */
  async function catchUp(): Promise<void> {
    if (held.source !== 'database') return load();
    for (;;) {
      const startedAt = now();
      const { outcome, applied } = await borrowClient(pool, POLL_LIMIT_MS, (client) =>
        applyNext(client, held),
      );
      metrics.changes.inc(applied);
      if (outcome === 'load') return load();
      if (outcome === 'complete') return confirm(startedAt);
    }
  }

  async function follow(): Promise<void> {
    for (;;) {
      await waker.wait(POLL_MS);
      if (waker.isStopped) return;
      try {
        await catchUp();
        await keepHouse();
      } catch (error) {
        metrics.failures.inc();
        const reason = messageOf(error);
        if (held.fail(PROBLEM)) logger.warn({ reason }, 'snapshot cannot be kept fresh');
      }
    }
  }

  async function keepHouse(): Promise<void> {
    disk?.offer(held.revision);
    if (now() - prunedAt < PRUNE_EVERY_MS) return;
    prunedAt = now();
    await borrowClient(pool, POLL_LIMIT_MS, (client) => pruneChanges(client, { hours: KEEP_CHANGES_HOURS }));
  }

  async function start(): Promise<void> {
    // Listening comes before the load: what is committed from here on wakes us.
    const { connectionString } = options;
    const onNotify = waker.wake;
    listener = createListener({
      connectionString,
      channels: [CHANNEL],
      onNotify,
      onReconnect: onNotify,
      logger,
    });
    const isThere = await isDoneWithin(LISTEN_WAIT_MS, listener.ready);
    try {
      // A server that takes connections and says nothing is away, too: its own time limits are for questions, not for a start.
      if (!isThere) await loadCopy(SILENT).catch(() => load().catch(loadCopy));
      else await load().catch(loadCopy);
    } catch (error) {
      await stop();
      throw error;
    }
    following = follow();
  }

  async function stop(): Promise<void> {
    waker.stop();
    await Promise.all([following, listener?.stop(), disk?.stop()]);
  }

  return {
    start,
    stop,
    state: () => held.state(),
    get model() {
      return held.model;
    },
  };
}

function openDisk<M extends SnapshotModel>(options: FeedOptions<M>): DiskSnapshot | undefined {
  if (options.disk === undefined) return undefined;
  const tables = options.createModel().handlers.map((handler) => handler.table);
  const { connectionString, logger } = options;
  return createDiskSnapshot({ ...options.disk, connectionString, logger, tables });
}
