import type { KnownToken } from '../../../libs/provisioning/tokens.sql.ts';

/** A revoked token is refused after this time at the latest, by every api. */
const FRESH_MS = 1_000;
/** Tokens that are held at a time; the oldest are asked for again. */
const MAX_TOKENS = 10_000;

interface Held {
  token: KnownToken;
  readAtMs: number;
}

/** Remembers tokens that count for a second, so that a busy client costs the database one lookup a second. */
export class TokenCache {
  readonly #read: (hash: string) => Promise<KnownToken | undefined>;
  readonly #held = new Map<string, Held>();
  readonly #reading = new Map<string, Promise<KnownToken | undefined>>();

  constructor(read: (hash: string) => Promise<KnownToken | undefined>) {
    this.#read = read;
  }

  /** Undefined: there is no such token, or it does not count any more. What does not count is never remembered. */
  find(hash: string): Promise<KnownToken | undefined> {
    const held = this.#held.get(hash);
    if (held !== undefined && performance.now() - held.readAtMs < FRESH_MS)
      return Promise.resolve(held.token);
    const reading = this.#reading.get(hash) ?? this.#readAgain(hash);
    this.#reading.set(hash, reading);
    return reading;
  }

  async #readAgain(hash: string): Promise<KnownToken | undefined> {
    try {
      // dated by its question: what changed while it was answered is seen a second later
      const readAtMs = performance.now();
      const token = await this.#read(hash);
      this.#held.delete(hash);
      if (token !== undefined) this.#hold(hash, { token, readAtMs });
      return token;
    } finally {
      this.#reading.delete(hash);
    }
  }

  #hold(hash: string, held: Held): void {
    const [oldest] = this.#held.keys();
    if (this.#held.size >= MAX_TOKENS && oldest !== undefined) this.#held.delete(oldest);
    this.#held.set(hash, held);
  }
}
