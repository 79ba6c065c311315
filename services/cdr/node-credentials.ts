import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Stoppable } from '../../libs/lifecycle/stoppable.ts';
import { checkDatabase, type Database, databaseUrl } from '../../libs/postgres/database.ts';
import { createSnapshotFeed, type SnapshotFeed } from '../../libs/snapshot/feed.ts';
import { handle, type SnapshotModel } from '../../libs/snapshot/table.ts';
import { NODES, type NodeRow } from '../../libs/snapshot/tables/nodes.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { createMetrics, type Registry } from '../../libs/telemetry/metrics.ts';

/** The credentials of the nodes, from memory: the database may be away. */
export interface NodeCredentials extends Stoppable {
  /** Goes on trying in the background: CDRs are taken without the database, too. */
  start(): void;
  /** sha256 of the node's password in hex; null when it has none; undefined when there is no such node. */
  find(switchname: string): { switchname: string; hash: string | null } | undefined;
  /** Whether nodes were ever read: else nobody can say that a credential is wrong. */
  readonly isLoaded: boolean;
}

export interface NodeCredentialsOptions {
  config: Config;
  clock: Clock;
  logger: Logger;
  metrics: Registry;
  database: Database;
}

interface NodeModel extends SnapshotModel {
  readonly nodes: ReadonlyMap<string, NodeRow>;
}

const RETRY_MS = 2_000;

/** Follows table `nodes`, with a copy on disk for a start without the database. */
export function createNodeCredentials(options: NodeCredentialsOptions): NodeCredentials {
  const { config, clock, logger, database } = options;
  const path = join(config.DATA_DIR, 'snapshots', 'cdr.snapshot');
  const stopped = new AbortController();
  let feed: SnapshotFeed<NodeModel> | undefined;
  let starting: Promise<void> | undefined;

  async function open(metrics: Registry): Promise<void> {
    if (!existsSync(path)) await checkDatabase(database);
    const { secretsKey, intervalMs } = {
      secretsKey: config.SECRETS_KEY,
      intervalMs: config.SNAPSHOT_INTERVAL_MS,
    };
    const disk = { path, secretsKey, intervalMs, nowUs: clock.nowUs };
    const connectionString = databaseUrl(config);
    const pool = database.write;
    const next = createSnapshotFeed({ pool, connectionString, createModel, disk, logger, metrics });
    await next.start();
    feed = next;
  }

  async function keepTrying(): Promise<void> {
    for (let attempt = 0; feed === undefined && !stopped.signal.aborted; attempt++) {
      try {
        // A registry takes the feed's metrics once.
        await open(attempt === 0 ? options.metrics : createMetrics('cdr'));
      } catch (error) {
        const reason = messageOf(error);
        if (attempt === 0)
          logger.warn({ reason }, 'the nodes cannot be read: only the shared credential is known');
        await clock.sleep(RETRY_MS, stopped.signal).catch(() => undefined);
      }
    }
  }

  return {
    start: () => {
      starting ??= keepTrying();
    },
    find: (switchname) => {
      const row = feed?.model.nodes.get(switchname.toLowerCase());
      return row && { switchname: row.key, hash: row.http_password_hash };
    },
    get isLoaded() {
      return feed !== undefined;
    },
    stop: async () => {
      stopped.abort();
      await starting;
      await feed?.stop();
    },
  };
}

function createModel(): NodeModel {
  const nodes = new Map<string, NodeRow>();
  return {
    nodes,
    handlers: [
      handle(NODES, {
        put: (row) => nodes.set(row.key.toLowerCase(), row),
        remove: (_domain, key) => nodes.delete(key.toLowerCase()),
      }),
    ],
  };
}
