import type { Bus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { NodeLoad } from '../../libs/records/node-load.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

/** A load that is older than this is of no use to routing: figures change with every call. */
const INTERVAL_MS = 250;

export interface LoadBoardOptions {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  onFailure: () => void;
}

/**
 * Publishes the loads of the nodes that changed, at most every 250 ms. Only the newest figures matter, so nothing waits in
 * a queue: what could not be published is published with the next change.
 */
export class LoadBoard {
  readonly #options: LoadBoardOptions;
  readonly #changed = new Map<string, () => NodeLoad>();
  /** what is on its way to the bus: it is taken back where the bus refuses it */
  #taken = new Map<string, () => NodeLoad>();
  #cancel: (() => void) | undefined;
  #publishing: Promise<void> = Promise.resolve();
  #lastUs = 0;
  #hasFailed = false;

  constructor(options: LoadBoardOptions) {
    this.#options = options;
  }

  /** The figures of a node changed; `read` is called when they are published. */
  mark(node: string, read: () => NodeLoad): void {
    this.#changed.set(node, read);
    if (this.#cancel !== undefined) return;
    // After a clock that was set back the last time lies ahead of now.
    const sinceMs = Math.max(0, (this.#options.clock.nowUs() - this.#lastUs) / 1000);
    this.#cancel = this.#options.clock.after(Math.max(0, INTERVAL_MS - sinceMs), () => {
      this.#publishing = this.#publish();
    });
  }

  /** A node is followed here no more: its last figures, told late, would be taken for those of whoever follows it now. */
  forget(node: string): void {
    this.#changed.delete(node);
    this.#taken.delete(node);
  }

  async stop(): Promise<void> {
    this.#cancel?.();
    this.#cancel = () => undefined;
    await this.#publishing;
  }

  async #publish(): Promise<void> {
    this.#taken = new Map(this.#changed);
    const records = [...this.#taken].map(([key, read]) => ({ key, value: read() }));
    this.#changed.clear();
    this.#lastUs = this.#options.clock.nowUs();
    try {
      await this.#options.bus.publish(TOPICS.load, records);
      this.#hasFailed = false;
    } catch (err) {
      this.#options.onFailure();
      if (!this.#hasFailed) this.#options.logger.warn({ err }, 'cannot publish loads');
      this.#hasFailed = true;
    }
    this.#cancel = undefined;
    // what changed while this was on its way
    const [again] = this.#changed;
    if (this.#hasFailed) this.#takeBack();
    if (again !== undefined) this.mark(...again);
  }

  /** Routing would hear the node that changes next, and take all others for dead until each changes, too. */
  #takeBack(): void {
    for (const [node, read] of this.#taken) if (!this.#changed.has(node)) this.#changed.set(node, read);
  }
}
