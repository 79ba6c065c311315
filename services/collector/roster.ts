import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import type { SecretBox } from '../../libs/sealing/secret-box.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import type { NodeAddress } from './followed-node.ts';
import { beat, claimLeases, countMembers, leave, releaseLeases, renewLeases } from './leases.sql.ts';
import { type ConfiguredNode, findRemoved, readNodes } from './nodes.sql.ts';
import type { RemovedNodes } from './removed-nodes.ts';
import type { Unfollowing } from './unfollowing.ts';

export interface RosterOptions {
  pool: Pool;
  logger: Logger;
  secrets: SecretBox;
  instance: string;
  /** how long a silent holder keeps its nodes, milliseconds; renewed four times as often */
  leaseMs?: number;
  /** the configured nodes, at every look: address by switchname */
  onConfigured: (addresses: ReadonlyMap<string, string>) => void;
  follow: (node: NodeAddress) => Promise<void>;
  /** tells, and forgets, what nobody configures any more */
  removed: Pick<RemovedNodes, 'look' | 'forget'>;
  /** `reason` is absent when another collector follows the node by now: only that one speaks of it */
  unfollow: (switchname: string, reason?: Unfollowing) => Promise<void>;
}

/** With a look at every quarter of it, a dead instance's nodes are followed again within 8 s. */
const LEASE_MS = 6_000;
/** A burst of configuration changes costs one look. */
const WAKE_DELAY_MS = 100;

/**
 * Decides which nodes this instance follows: it looks at the nodes, renews its leases, takes free nodes up to its fair
 * share, and gives back what is over it. While the database is away it keeps what it has: nobody else can take it then.
 */
export class Roster {
  readonly #options: RosterOptions;
  readonly #leaseMs: number;
  /** what is followed here, by switchname: the configuration it is followed with */
  readonly #followed = new Map<string, string>();
  readonly #stopping = new AbortController();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #hasFailed = false;
  /** when our leases were renewed last, by a clock that is never set */
  #renewedMs = performance.now();

  constructor(options: RosterOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  /** Resolves after the first look. @throws what the database says when that fails */
  async start(): Promise<void> {
    await this.#look();
    this.#running = this.#run();
  }

  /** The configuration changed: look now. */
  wake(): void {
    this.#wake.resolve();
  }

  /**
   * Another collector follows this node. As long as our leases hold, the table decides; when they could not be renewed for
   * as long as they last, the other one has taken the node over by right, and we let go.
   */
  async yieldTo(instance: string, node: string): Promise<void> {
    const isOver = performance.now() - this.#renewedMs > this.#leaseMs;
    if (!isOver || !this.#followed.has(node)) return;
    this.#options.logger.warn({ node, by: instance }, 'another collector took a node over');
    await this.#unfollow(node);
  }

  /** Stops looking; then `release` gives the nodes free. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    await this.#running;
  }

  /** Leaves the nodes to the other instances. Whoever followed them must have stopped. */
  async release(): Promise<void> {
    const { pool, instance } = this.#options;
    await releaseLeases(pool, instance, [...this.#followed.keys()]);
    await leave(pool, instance);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#rest();
      if (this.#stopping.signal.aborted) return;
      try {
        await this.#look();
        this.#hasFailed = false;
      } catch (error) {
        if (!this.#hasFailed) {
          this.#options.logger.warn(
            { reason: messageOf(error) },
            'cannot look at the nodes; what is followed stays followed',
          );
        }
        this.#hasFailed = true;
      }
    }
  }

  /** Leases live in the database's time, which is real time also in a replay. */
  async #rest(): Promise<void> {
    const signal = this.#stopping.signal;
    const interval = sleep(this.#leaseMs / 4, undefined, { signal, ref: true }).catch(() => undefined);
    const woken = this.#wake.promise.then(() =>
      sleep(WAKE_DELAY_MS, undefined, { signal }).catch(() => undefined),
    );
    await Promise.race([interval, woken]);
    this.#wake = Promise.withResolvers();
  }

  async #look(): Promise<void> {
    const { pool, instance, onConfigured } = this.#options;
    const nodes = new Map((await readNodes(pool)).map((node) => [node.switchname, node]));
    onConfigured(
      new Map([...nodes].map(([name, { esl_host, esl_port }]) => [name, `${esl_host}:${esl_port}`])),
    );
    await beat(pool, instance, this.#leaseMs);
    const askedMs = performance.now();
    const held = new Set(await renewLeases(pool, instance, this.#leaseMs));
    this.#renewedMs = askedMs;
    await this.#dropLost(held);
    await this.#dropRemoved(nodes);
    await this.#options.removed.look(this.#followed);
    const share = Math.ceil(nodes.size / Math.max(1, await countMembers(pool)));
    await this.#giveBack(share);
    await this.#claim(nodes, held, share);
    for (const [name] of this.#followed) await this.#followConfigured(nodes.get(name));
  }

  async #dropLost(held: ReadonlySet<string>): Promise<void> {
    for (const name of this.#followed.keys()) {
      if (held.has(name)) continue;
      this.#options.logger.warn({ node: name }, 'another collector took a node over');
      await this.#unfollow(name);
    }
  }

  async #dropRemoved(nodes: ReadonlyMap<string, ConfiguredNode>): Promise<void> {
    const gone = [...this.#followed.keys()].filter((name) => !nodes.has(name));
    if (gone.length === 0) return;
    const removed = new Set(await findRemoved(this.#options.pool, gone));
    for (const name of removed) {
      await this.#unfollow(name, 'removed');
      this.#options.removed.forget(name);
    }
    await this.#giveUp(
      gone.filter((name) => !removed.has(name)),
      'disabled',
    );
  }

  async #giveBack(share: number): Promise<void> {
    await this.#giveUp([...this.#followed.keys()].sort().slice(share), 'given to another collector');
  }

  async #giveUp(names: readonly string[], reason: Unfollowing): Promise<void> {
    for (const name of names) await this.#unfollow(name, reason);
    if (names.length > 0) await releaseLeases(this.#options.pool, this.#options.instance, names);
  }

  async #claim(
    nodes: ReadonlyMap<string, ConfiguredNode>,
    held: ReadonlySet<string>,
    share: number,
  ): Promise<void> {
    const { pool, instance } = this.#options;
    // leases of an earlier run under the same name are taken up again, and those beyond our share are others'
    const idle = [...held].filter((name) => nodes.has(name) && !this.#followed.has(name));
    const taken = idle.splice(0, Math.max(0, share - this.#followed.size));
    for (const name of taken) await this.#followConfigured(nodes.get(name));
    if (idle.length > 0) await releaseLeases(pool, instance, idle);
    const limit = share - this.#followed.size;
    const free = [...nodes.keys()].filter((name) => !this.#followed.has(name));
    if (limit <= 0 || free.length === 0) return;
    const claimed = await claimLeases(pool, { instance, leaseMs: this.#leaseMs, nodes: free, limit });
    for (const name of claimed) await this.#followConfigured(nodes.get(name));
  }

  /** Follows a node, or follows it anew when its address or password changed. */
  async #followConfigured(node: ConfiguredNode | undefined): Promise<void> {
    if (node === undefined) return;
    const configuration = JSON.stringify(node);
    const before = this.#followed.get(node.switchname);
    if (before === configuration) return;
    if (before !== undefined) await this.#unfollow(node.switchname, 'its address or password changed');
    this.#followed.set(node.switchname, configuration);
    await this.#options.follow({
      switchname: node.switchname,
      host: node.esl_host,
      port: node.esl_port,
      password: () => this.#options.secrets.open(node.esl_password_encrypted),
    });
  }

  async #unfollow(name: string, reason?: Unfollowing): Promise<void> {
    this.#followed.delete(name);
    await this.#options.unfollow(name, reason);
  }
}
