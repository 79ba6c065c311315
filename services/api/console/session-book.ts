import type { Pool } from '../../../libs/postgres/database.ts';
import { closeSession, findSession, type KnownSession } from '../../../libs/sign-in/session.ts';

/** A session that ended in another api is refused after this time at the latest. */
const FRESH_MS = 1_000;
/** Sessions that are remembered at a time; the oldest are asked for again. */
const MOST_REMEMBERED = 1_000;

interface Remembered {
  session: KnownSession;
  readAtMs: number;
}

/** The sessions of the console: a page that asks often, and its stream, cost the database one lookup a second. */
export class SessionBook {
  readonly #pool: Pool;
  readonly #remembered = new Map<string, Remembered>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The session of a secret; undefined when it is over, or never was. */
  async find(secret: string): Promise<KnownSession | undefined> {
    const remembered = this.#remembered.get(secret);
    if (remembered !== undefined && performance.now() - remembered.readAtMs < FRESH_MS) {
      return remembered.session;
    }
    const readAtMs = performance.now();
    const session = await findSession(this.#pool, secret);
    this.#remembered.delete(secret);
    if (session !== undefined) this.#remember(secret, { session, readAtMs });
    return session;
  }

  /** Ends a session: at once here, within a second in every other api. */
  async close(secret: string): Promise<void> {
    await closeSession(this.#pool, secret);
    this.#remembered.delete(secret);
  }

  #remember(secret: string, remembered: Remembered): void {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= MOST_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(secret, remembered);
  }
}
