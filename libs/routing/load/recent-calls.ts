import { createHash } from 'node:crypto';
import { RecentMap } from '../../recall/recent-map.ts';

/** Two generations are kept, so a call is remembered for 60 to 120 s. */
const GENERATION = { entries: 32_768, forUs: 60_000_000 };
/** Callers choose Call-IDs of any length: what is longer is remembered by its digest. */
const MAX_NAME = 128;

/** What was recently said about a call or a room, by name: bounded, the oldest half is forgotten at once. */
export class RecentCalls<V> {
  readonly #calls = new RecentMap<V>(GENERATION);

  get(name: string): V | undefined {
    return this.#calls.get(name.length > MAX_NAME ? digestOf(name) : name);
  }

  set(name: string, value: V, nowUs: number): void {
    this.#calls.set(name.length > MAX_NAME ? digestOf(name) : copied(name), value, nowUs);
  }
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('base64');
}

/** A text that was cut out of a request keeps the whole request in memory: a copy of its own does not. */
function copied(name: string): string {
  return Buffer.from(name, 'utf8').toString('utf8');
}
