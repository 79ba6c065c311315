import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/client.ts';
import { useSession } from '../session.ts';
import { LiveBoard, type LiveEvent } from './live-board.ts';

/** How the stream is: `lost` says since when nothing was heard (ms since 1970). */
export type LinkState = { is: 'connecting' } | { is: 'open' } | { is: 'lost'; since: number };

const NAMES = ['snapshot', 'call-started', 'call-answered', 'call-ended', 'node-state', 'node-load'] as const;
/** The page is drawn this often at the most, whatever comes. */
const DRAW_MS = 250;
const RETRY_MS = [1_000, 2_000, 5_000];
/** The api says every 15 s that it is alive. A network that died tells nobody: silence for longer is a loss. */
const SILENT_MS = 35_000;
/** A tab that was hidden for longer may have slept. */
const ASLEEP_MS = 30_000;

/** Follows /v1/live. After every loss it begins again with a snapshot: what was missed is never guessed. */
export class LiveFeed {
  readonly board = new LiveBoard();
  link: LinkState = { is: 'connecting' };
  readonly #api: Api;
  readonly #onChange: () => void;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #losses = 0;
  #heardAt = Date.now();
  #hiddenAt: number | undefined;

  constructor(api: Api, onChange: () => void) {
    this.#api = api;
    this.#onChange = onChange;
  }

  /** Begins to follow. @returns a function that stops */
  start(): () => void {
    const wake = () => this.#noticeTab();
    const retry = () => this.#open();
    document.addEventListener('visibilitychange', wake);
    const lose = () => this.#lose();
    window.addEventListener('online', retry);
    window.addEventListener('offline', lose);
    this.#open();
    return () => {
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', retry);
      window.removeEventListener('offline', lose);
      this.#close();
    };
  }

  #open(): void {
    this.#close();
    const source = new EventSource('/v1/live');
    this.#source = source;
    this.#expectWord();
    for (const name of NAMES) source.addEventListener(name, (event) => this.#take(name, event));
    source.addEventListener('alive', () => this.#listen());
    source.addEventListener('closed', () => this.#lose());
    source.addEventListener('error', () => this.#lose());
  }

  #close(): void {
    this.#source?.close();
    this.#source = undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
  }

  /** Something was heard: from now on silence counts. */
  #listen(): void {
    this.#heardAt = Date.now();
    this.#expectWord();
  }

  #expectWord(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lose(), SILENT_MS);
  }

  #take(name: (typeof NAMES)[number], event: MessageEvent<string>): void {
    this.#listen();
    this.board.apply({ name, data: JSON.parse(event.data) } as LiveEvent);
    if (name === 'snapshot') {
      this.#losses = 0;
      this.link = { is: 'open' };
    }
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#onChange();
    }, DRAW_MS);
  }

  #lose(): void {
    this.#close();
    if (this.link.is !== 'lost') this.link = { is: 'lost', since: this.#heardAt };
    this.#onChange();
    const wait = RETRY_MS[Math.min(this.#losses, RETRY_MS.length - 1)];
    this.#losses += 1;
    this.#timer = setTimeout(() => this.#retry(), wait);
  }

  /** A stream cannot tell a session that is over from a network that is away; a plain question can. */
  #retry(): void {
    if (document.visibilityState === 'visible') void this.#api.ask('/v1/access').catch(() => undefined);
    this.#open();
  }

  #noticeTab(): void {
    if (document.visibilityState === 'hidden') {
      this.#hiddenAt = Date.now();
      return;
    }
    const slept = this.#hiddenAt !== undefined && Date.now() - this.#hiddenAt > ASLEEP_MS;
    this.#hiddenAt = undefined;
    if (slept || this.link.is === 'lost') this.#open();
  }
}

/** The live stream while the page is shown; draws again when something changed. */
export function useLive(): LiveFeed {
  const { api } = useSession();
  const [, draw] = useState(0);
  const [feed] = useState(() => new LiveFeed(api, () => draw((count) => count + 1)));
  useEffect(() => feed.start(), [feed]);
  return feed;
}
