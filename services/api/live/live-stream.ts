import type { ServerResponse } from 'node:http';
import { type LiveEvent, type LiveHub, maySee } from './live-hub.ts';

export interface LiveStreamOptions {
  hub: LiveHub;
  response: ServerResponse;
  /** whose events it may have; undefined: all */
  tenant: string | undefined;
  /** whether its token still counts */
  mayGoOn: () => Promise<boolean>;
  /** called once, with why it ended */
  onEnd: (reason: EndReason) => void;
}

/** `slow`: it did not read; `not-authorised`: its token counts no more; `stopping`: the api stops; `gone`: it left. */
export type EndReason = 'slow' | 'not-authorised' | 'stopping' | 'gone' | 'failed';

/** How a stream begins, and at which place. */
interface Opening {
  name: string;
  data: unknown;
  id: string;
  /** what came until then is in it, or was seen before */
  sequence: number;
}

/** Events that may wait for a client; one that lets more wait is cut off, and comes back with its Last-Event-ID. */
const MOST_WAITING = 2_000;
/** Events that are told again to a client that comes back: half of what may wait, so that it is not slow from the start. */
const MOST_MISSED = MOST_WAITING / 2;
/** A client that is told to go has this long to read it, ms. */
const GOODBYE_MS = 1_000;

/** One client of the live stream: a bounded queue, and a writer that asks for permission before each write. */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  readonly #unlisten: () => void;
  #waiting: LiveEvent[] = [];
  #isPumping = false;
  #isHeld = true;
  #hasEnded = false;

  /** Listens at once and writes nothing before `begin`. */
  constructor(options: LiveStreamOptions) {
    this.#options = options;
    const { hub, response } = options;
    this.#unlisten = hub.listen((event) => this.#offer(event));
    response.once('close', () => this.#finish('gone'));
    response.on('error', () => this.#finish('gone'));
  }

  /**
   * What this client may see of what came after an id; or why it has to begin anew. How much others' calls happened
   * meanwhile is not told.
   */
  missedSince(id: string): LiveEvent[] | 'unknown-id' | 'too-old' | 'too-many' {
    const missed = this.#options.hub.since(id);
    if (typeof missed === 'string') return missed;
    const seen = missed.filter((event) => this.#isSeen(event));
    return seen.length > MOST_MISSED ? 'too-many' : seen;
  }

  /** Writes how it begins and what was missed; what came meanwhile follows, and then everything as it comes. */
  begin(opening: Opening, missed: readonly LiveEvent[]): void {
    if (this.#hasEnded) return;
    this.#options.response.write(toText(opening.name, JSON.stringify(opening.data), opening.id));
    // what was missed and what came meanwhile overlap
    const since = this.#waiting.filter(({ sequence }) => sequence > opening.sequence);
    this.#waiting = [...missed, ...since];
    this.#isHeld = false;
    void this.#pump();
  }

  /** Says that it is alive, and sees whether its token still is. */
  async keepAlive(): Promise<void> {
    if (this.#hasEnded || this.#isHeld) return;
    if (!(await this.#mayGoOn())) return this.end('not-authorised');
    // an event, not a comment: a browser's script hears of no comment, and could not tell silence from a dead network
    if (!this.#hasEnded) this.#options.response.write(toText('alive', '{}'));
  }

  /** Tells the client why, and ends the stream. */
  end(reason: EndReason): void {
    if (this.#hasEnded) return;
    const { response } = this.#options;
    this.#finish(reason);
    response.end(toText('closed', JSON.stringify({ reason })));
    setTimeout(() => response.destroy(), GOODBYE_MS).unref();
  }

  #offer(event: LiveEvent): void {
    if (this.#hasEnded || !this.#isSeen(event)) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.end('slow');
      return;
    }
    this.#waiting.push(event);
    if (!this.#isHeld) void this.#pump();
  }

  #isSeen(event: LiveEvent): boolean {
    return maySee(event, this.#options.tenant);
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#waiting.length > 0 && !this.#hasEnded) await this.#write();
    } catch {
      this.end('failed');
    } finally {
      this.#isPumping = false;
    }
  }

  async #write(): Promise<void> {
    if (!(await this.#mayGoOn())) return this.end('not-authorised');
    const { response } = this.#options;
    const events = this.#waiting.splice(0, 100);
    if (this.#hasEnded) return;
    const text = events.map(({ name, data, id }) => toText(name, data, id)).join('');
    if (!response.write(text)) await drained(response);
  }

  /** A database that is away is no reason to cut streams off: what is not known is not refused. */
  async #mayGoOn(): Promise<boolean> {
    return this.#options.mayGoOn().catch(() => true);
  }

  #finish(reason: EndReason): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#unlisten();
    this.#waiting = [];
    this.#options.onEnd(reason);
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off('drain', go);
      response.off('close', go);
      resolve();
    };
    response.on('drain', go);
    response.on('close', go);
  });
}

function toText(name: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}
