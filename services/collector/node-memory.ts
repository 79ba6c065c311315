import type { Clock } from '../../libs/clock/clock.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { recordDiscovery } from '../../libs/provisioning/nodes.sql.ts';
import { writeNodeAddress } from '../../libs/store/node-address.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { readCore, writeCore } from './leases.sql.ts';

const DISCOVERY_INTERVAL_US = 60_000_000;
/** Former cores of a node that are remembered, to know one that comes back. */
const FORMER_CORES = 8;

export interface NodeMemoryOptions {
  pool: Pool;
  clock: Clock;
  logger: Logger;
  instance: string;
}

/** What must be remembered about nodes beyond one connection and one collector. A database that is away costs the memory of others, never a connection. */
export class NodeMemory {
  readonly #options: NodeMemoryOptions;
  readonly #cores = new Map<string, string>();
  /** nodes of which nobody could read the core that is remembered: its end may not be told yet */
  readonly #unread = new Set<string>();
  readonly #formerCores = new Map<string, string[]>();
  readonly #discoveredUs = new Map<string, number>();
  readonly #reached = new Map<string, string | null>();
  #addresses: ReadonlyMap<string, string> = new Map();

  constructor(options: NodeMemoryOptions) {
    this.#options = options;
  }

  /** The nodes that are configured now: address (host:port) by switchname. */
  set addresses(addresses: ReadonlyMap<string, string>) {
    this.#addresses = addresses;
  }

  /** Meets a node's core and gives the one before, when it was another. */
  async meetCore(node: string, coreUuid: string): Promise<string | undefined> {
    const own = this.#cores.get(node);
    this.#cores.set(node, coreUuid);
    const before = own ?? (await this.#readCore(node));
    if (before === coreUuid || before === undefined || before === null) return undefined;
    this.#noteChange(node, before, coreUuid);
    return before;
  }

  /**
   * Remembers a node's core for whoever follows it next: when it was told, as nobody tells of a change that is remembered.
   * @returns the core that was remembered, where nobody could read it before: its change is to be told first
   */
  async keepCore(node: string, coreUuid: string): Promise<string | undefined> {
    if (this.#unread.has(node)) {
      const before = await this.#readCore(node);
      if (before === undefined) return undefined;
      if (before !== null && before !== coreUuid) return before;
    }
    if (this.#cores.get(node) === coreUuid)
      await this.#ask(() => writeCore(this.#options.pool, node, coreUuid));
    return undefined;
  }

  /** Null: none is remembered. Undefined: the database did not say. */
  async #readCore(node: string): Promise<string | null | undefined> {
    const stored = await this.#ask(() => readCore(this.#options.pool, node));
    if (stored === undefined) this.#unread.add(node);
    else this.#unread.delete(node);
    return stored;
  }

  /** A process that ended never comes back: its core at the same address again means that two servers share it. */
  #noteChange(node: string, before: string, coreUuid: string): void {
    const former = this.#formerCores.get(node) ?? [];
    if (former.includes(coreUuid)) {
      const message = 'two servers answer in turn with one switchname: give each its own in switch.conf.xml';
      this.#options.logger.error({ node, cores: [coreUuid, before] }, message);
    }
    this.#formerCores.set(node, [before, ...former.filter((core) => core !== before)].slice(0, FORMER_CORES));
  }

  /** The configured node of this name, and the core that somebody last saw there. */
  async namesake(name: string): Promise<{ address: string; coreUuid: string | null } | undefined> {
    const address = this.#addresses.get(name);
    if (address === undefined) return undefined;
    const stored = await this.#ask(() => readCore(this.#options.pool, name));
    return { address, coreUuid: this.#cores.get(name) ?? stored ?? null };
  }

  /** Writes an unknown switchname down, at most once a minute. */
  async discover(switchname: string, address: string): Promise<void> {
    const { clock, pool, instance } = this.#options;
    const last = this.#discoveredUs.get(switchname) ?? 0;
    if (clock.nowUs() - last < DISCOVERY_INTERVAL_US) return;
    this.#discoveredUs.set(switchname, clock.nowUs());
    const reason = 'the event socket at this address answers with this name';
    await this.#ask(() =>
      recordDiscovery(pool, { switchname, address, seenBy: `collector ${instance}`, reason }),
    );
  }

  /** Writes down which address a node was reached at and calls its own (null: none), when that is another than before. */
  async reached(node: string, address: string | null): Promise<void> {
    if (this.#reached.get(node) === address) return;
    const isWritten = await this.#ask(async () => {
      await writeNodeAddress(this.#options.pool, { node, address });
      return true;
    });
    if (isWritten === true) this.#reached.set(node, address);
  }

  /** Forgets what a node that is no longer followed here had: another collector may see another core. */
  forget(node: string): void {
    this.#cores.delete(node);
    this.#unread.delete(node);
    this.#formerCores.delete(node);
    this.#reached.delete(node);
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (err) {
      this.#options.logger.warn({ err }, 'the database did not answer about a node');
      return undefined;
    }
  }
}
