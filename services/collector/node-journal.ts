import type { ChannelEvent } from '../../libs/records/channel-event.ts';
import type { NodeEvent } from '../../libs/records/node-event.ts';
import type { RegistrationEvent, RegistrationResync } from '../../libs/records/registration.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { CollectorMetrics } from './collector-metrics.ts';
import type { Outbox } from './outbox.ts';
import { isEnd } from './subscription.ts';

type Unstamped<T> = T extends unknown ? Omit<T, 'v' | 'node'> : never;

/** Writes what happened on one node to the outbox, under the right topic and key, and remembers what had to be dropped. */
export class NodeJournal {
  /** an event was dropped since this was last set to false: only a resync tells what is true now */
  hasGap = false;
  readonly #node: string;
  readonly #outbox: Outbox;
  readonly #metrics: CollectorMetrics;

  constructor(node: string, outbox: Outbox, metrics: CollectorMetrics) {
    this.#node = node;
    this.#outbox = outbox;
    this.#metrics = metrics;
  }

  node(event: Unstamped<NodeEvent>): void {
    const value = { v: 1, node: this.#node, ...event };
    this.#outbox.add(TOPICS.nodeEvents, { key: this.#node, value }, false);
  }

  /** @returns whether it will be told */
  channel(event: ChannelEvent): boolean {
    const isTaken = this.#outbox.add(
      TOPICS.channelEvents,
      { key: event.uuid, value: event },
      !isEnd(event.event_name),
    );
    if (!isTaken) this.#lost(event.event_name);
    return isTaken;
  }

  registration(event: RegistrationEvent): void {
    const key = `${event.user}@${event.domain}`;
    if (!this.#outbox.add(TOPICS.registrations, { key, value: event }, true)) this.#lost(event.kind);
  }

  registrationSet(set: RegistrationResync): void {
    if (!this.#outbox.add(TOPICS.registrations, { key: this.#node, value: set }, true)) this.#lost(set.kind);
  }

  #lost(what: string): void {
    this.hasGap = true;
    this.#metrics.dropped(this.#node, what);
  }
}
