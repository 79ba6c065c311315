import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, BusRecord } from '../../libs/bus/bus.ts';
import { codeOf } from '../../libs/errors/coded-error.ts';
import type { Topic } from '../../libs/records/topics.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { weigh } from './weight.ts';

export interface OutboxLimits {
  /** records that may wait, and the memory they may take, about; above either of them reading is held back */
  records: number;
  bytes: number;
  /** records a publish */
  batch: number;
  /** how long a record waits for company, milliseconds */
  lingerMs: number;
  /** how long reading is held back before events are dropped: FreeSWITCH's own queue is not endless either */
  holdMs: number;
}

export const OUTBOX_LIMITS: OutboxLimits = {
  records: 50_000,
  bytes: 120 * 1024 * 1024,
  batch: 1_000,
  lingerMs: 10,
  holdMs: 15_000,
};

/** open: all is taken. held: full, the sockets wait. dropping: held for too long, only what must not be lost is taken. */
export type OutboxState = 'open' | 'held' | 'dropping';

export interface OutboxOptions {
  bus: Bus;
  logger: Logger;
  limits?: Partial<OutboxLimits>;
  onState: (state: OutboxState) => void;
  onPublished?: (topic: Topic, records: number) => void;
  onFailure?: (topic: Topic) => void;
}

interface Waiting {
  record: BusRecord;
  bytes: number;
  /** by a clock that is never set */
  addedMs: number;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * What waits to be durable on the bus: in order within a topic, bounded, retried until it is. Nothing that was taken is
 * lost but by a crash, and after a crash a resync tells what is true.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #limits: OutboxLimits;
  readonly #queues = new Map<Topic, Waiting[]>();
  /** what is being published: it waits until it is durable */
  readonly #underWay = new Map<Topic, Waiting[]>();
  readonly #pumps = new Map<Topic, Promise<void>>();
  /** who waits until what was added before them is durable, by topic, and how many records that are */
  readonly #watchers = new Map<Topic, { left: number; done: () => void }[]>();
  readonly #stopping = new AbortController();
  #waiting = 0;
  #bytes = 0;
  #state: OutboxState = 'open';
  #holdTimer: NodeJS.Timeout | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#limits = { ...OUTBOX_LIMITS, ...options.limits };
  }

  /** Records that are not durable yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Memory that they take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Seconds that the oldest of them has waited. */
  get lagSeconds(): number {
    const oldest = [...this.#queues.values(), ...this.#underWay.values()].map(([first]) => first?.addedMs);
    const sinceMs = Math.min(...oldest.map((addedMs) => addedMs ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(sinceMs) ? (performance.now() - sinceMs) / 1000 : 0;
  }

  get state(): OutboxState {
    return this.#state;
  }

  /** Takes a record; false when it was dropped (`droppable`, and the outbox is dropping, or twice as full as it may be). */
  add(topic: Topic, record: BusRecord, droppable: boolean): boolean {
    // held, too: whoever connects meanwhile hears events until it is synced, and is told all registrations
    if (droppable && (this.#state === 'dropping' || this.#fill >= 2)) return false;
    const queue = this.#queues.get(topic);
    const waiting = { record, bytes: weigh(record.value), addedMs: performance.now() };
    if (queue === undefined) this.#queues.set(topic, [waiting]);
    else queue.push(waiting);
    this.#waiting += 1;
    this.#bytes += waiting.bytes;
    this.#judge();
    if (!this.#pumps.has(topic)) this.#pumps.set(topic, this.#pump(topic));
    return true;
  }

  /** Resolves when everything that was added to a topic before this call is durable; never when it is given up. */
  async durable(topic: Topic): Promise<void> {
    const left = (this.#queues.get(topic)?.length ?? 0) + (this.#underWay.get(topic)?.length ?? 0);
    if (left === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.set(topic, [...(this.#watchers.get(topic) ?? []), { left, done: resolve }]);
    await promise;
  }

  /** Publishes what waits, for at most `graceMs`. @returns how many records were given up */
  async drain(graceMs: number): Promise<number> {
    const timer = setTimeout(() => this.#stopping.abort(), graceMs);
    while (this.#pumps.size > 0) await Promise.all(this.#pumps.values());
    clearTimeout(timer);
    clearTimeout(this.#holdTimer);
    return this.#waiting;
  }

  async #pump(topic: Topic): Promise<void> {
    await sleep(this.#limits.lingerMs);
    for (let batch = this.#take(topic); batch.length > 0; batch = this.#take(topic)) {
      this.#underWay.set(topic, batch);
      const isDurable = await this.#publish(
        topic,
        batch.map(({ record }) => record),
      );
      if (!isDurable) break;
      this.#underWay.delete(topic);
      this.#waiting -= batch.length;
      this.#bytes -= batch.reduce((sum, { bytes }) => sum + bytes, 0);
      this.#tellWatchers(topic, batch.length);
      this.#judge();
    }
    this.#pumps.delete(topic);
  }

  #tellWatchers(topic: Topic, records: number): void {
    const watchers = this.#watchers.get(topic) ?? [];
    for (const watcher of watchers) watcher.left -= records;
    for (const { left, done } of watchers) if (left <= 0) done();
    this.#watchers.set(
      topic,
      watchers.filter(({ left }) => left > 0),
    );
  }

  #take(topic: Topic): Waiting[] {
    return this.#queues.get(topic)?.splice(0, this.#limits.batch) ?? [];
  }

  /** @returns false when stopped before it was durable */
  async #publish(topic: Topic, batch: BusRecord[]): Promise<boolean> {
    for (let failures = 0; !this.#stopping.signal.aborted; failures += 1) {
      try {
        await this.#options.bus.publish(topic, batch);
        this.#options.onPublished?.(topic, batch.length);
        return true;
      } catch (error) {
        this.#options.onFailure?.(topic);
        // the others of the batch were published; this one never can be
        if (codeOf(error) === 'record-too-large') {
          this.#options.logger.error({ err: error, topic }, 'a record is too large for the bus and is lost');
          return true;
        }
        if (failures === 0)
          this.#options.logger.warn({ err: error, topic }, 'cannot publish; will go on trying');
        const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
        await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  get #fill(): number {
    return Math.max(this.#waiting / this.#limits.records, this.#bytes / this.#limits.bytes);
  }

  #judge(): void {
    const fill = this.#fill;
    if (fill <= 0.5) this.#become('open');
    else if (this.#state === 'open' && fill >= 1) this.#become('held');
    // what must not be lost has a bound as well: from here on TCP alone holds the servers back
    else if (this.#state === 'dropping' && fill >= 2) this.#become('held', false);
  }

  #become(state: OutboxState, mayDrop = true): void {
    if (state === this.#state) return;
    this.#state = state;
    clearTimeout(this.#holdTimer);
    if (state === 'held' && mayDrop) {
      this.#holdTimer = setTimeout(() => this.#become('dropping'), this.#limits.holdMs);
    }
    this.#options.logger.warn({ state, waiting: this.#waiting }, 'outbox');
    this.#options.onState(state);
  }
}
