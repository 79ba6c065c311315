import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { CollectorMetrics } from './collector-metrics.ts';
import { dropLeases, findLeftBehind } from './leases.sql.ts';
import { NodeJournal } from './node-journal.ts';
import type { Outbox } from './outbox.ts';

export interface RemovedNodesOptions {
  pool: Pool;
  /** INSTANCE_ID of this collector */
  instance: string;
  clock: Clock;
  logger: Logger;
  outbox: Outbox;
  metrics: CollectorMetrics;
}

/**
 * Sees to it that nodes which were removed are told to be down: nobody hears of them again, so that their legs would live
 * for ever. The row of a node's lease stays until that is durable, whoever follows, or followed, the node.
 */
export class RemovedNodes {
  readonly #options: RemovedNodesOptions;
  readonly #telling = new Set<string>();

  constructor(options: RemovedNodesOptions) {
    this.#options = options;
  }

  /**
   * Tells of nodes that were removed while nobody followed them, also of those that an earlier run under our name held: we
   * renew its leases, and follow only what is `followed`. @throws what the database says
   */
  async look(followed: Pick<ReadonlyMap<string, unknown>, 'has'>): Promise<void> {
    const { pool, instance } = this.#options;
    for (const node of await findLeftBehind(pool, instance)) {
      if (this.#telling.has(node) || followed.has(node)) continue;
      this.#tell(node);
      this.forget(node);
    }
  }

  /** Forgets a removed node when what was said of it is durable. */
  forget(node: string): void {
    this.#telling.add(node);
    void this.#forget(node).finally(() => this.#telling.delete(node));
  }

  /** Of whatever core it had; when that was alive last is known from what was said while it was followed. */
  #tell(node: string): void {
    const { clock, outbox, metrics } = this.#options;
    const nowUs = clock.nowUs();
    new NodeJournal(node, outbox, metrics).node({
      ...{ kind: 'state', state: 'down', reason: 'not followed: removed' },
      ...{ core_uuid: null, clock_offset_us: null, at_us: nowUs, received_us: nowUs },
    });
  }

  async #forget(node: string): Promise<void> {
    const { pool, logger, outbox } = this.#options;
    await outbox.durable(TOPICS.nodeEvents);
    try {
      await dropLeases(pool, [node]);
    } catch (error) {
      logger.warn({ node, reason: messageOf(error) }, 'a removed node is not forgotten and told of again');
    }
  }
}
