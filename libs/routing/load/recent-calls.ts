import { createHash } from 'node:crypto';

/** A generation holds this many or lasts this long; two are kept, so a call is remembered for 60 to 120 s. */
const GENERATION_CALLS = 32_768;
const GENERATION_US = 60_000_000;
/** Callers choose Call-IDs of any length: what is longer is remembered by its digest. */
const MAX_NAME = 128;

/** What was recently said about a call or a room, by name: bounded, the oldest half is forgotten at once. */
export class RecentCalls<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #bornUs = 0;

  get(name: string): V | undefined {
    const key = name.length > MAX_NAME ? digestOf(name) : name;
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(name: string, value: V, nowUs: number): void {
    if (this.#young.size >= GENERATION_CALLS || nowUs - this.#bornUs > GENERATION_US) {
      // Twice the time without a call: what is old is too old.
      this.#old = nowUs - this.#bornUs > 2 * GENERATION_US ? new Map() : this.#young;
      this.#young = new Map();
      this.#bornUs = nowUs;
    }
    this.#young.set(name.length > MAX_NAME ? digestOf(name) : copied(name), value);
  }
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('base64');
}

/** A text that was cut out of a request keeps the whole request in memory: a copy of its own does not. */
function copied(name: string): string {
  return Buffer.from(name, 'utf8').toString('utf8');
}
