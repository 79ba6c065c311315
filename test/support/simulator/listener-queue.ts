import type { Socket } from 'node:net';

/** What FreeSWITCH bounds a listener by; tests make it smaller. */
export interface QueueLimits {
  /** Events that wait for a slow reader (MAX_QUEUE_LEN). */
  events: number;
  /** More than this many lost in a row, and the listener is killed (MAX_MISSED). */
  missed: number;
}

export const FREESWITCH_LIMITS: QueueLimits = { events: 100_000, missed: 500 };

/**
 * The way out to one listener. Bytes go to the socket until it is full; then events wait here. When the queue is full an
 * event is lost, and after `missed` lost ones in a row the listener is closed. There is no replay.
 */
export class ListenerQueue {
  sent = 0;
  lost = 0;
  readonly #socket: Socket;
  readonly #limits: QueueLimits;
  readonly #onKilled: () => void;
  readonly #waiting: string[] = [];
  #lostInARow = 0;
  #stalled = false;
  #corked = false;

  constructor(socket: Socket, limits: QueueLimits, onKilled: () => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onKilled = onKilled;
    socket.on('drain', () => this.#flush());
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Queues an event; it may be lost. */
  event(frame: string): void {
    if (this.#waiting.length >= this.#limits.events) {
      this.#lose();
    } else {
      this.#lostInARow = 0;
      this.reply(frame);
    }
  }

  /** Queues a reply, behind the events that already wait; it is never lost. */
  reply(frame: string): void {
    this.#waiting.push(frame);
    this.#flush();
  }

  stall(): void {
    this.#stalled = true;
  }

  resume(): void {
    this.#stalled = false;
    this.#flush();
  }

  /** Throws away what waits (`noevents`). */
  clear(): void {
    this.#waiting.length = 0;
  }

  #lose(): void {
    this.lost += 1;
    this.#lostInARow += 1;
    if (this.#lostInARow > this.#limits.missed) this.#onKilled();
  }

  #flush(): void {
    if (this.#stalled || this.#waiting.length === 0 || this.#socket.writableNeedDrain) return;
    this.#cork();
    let taken = 0;
    for (const frame of this.#waiting) {
      taken += 1;
      this.sent += 1;
      if (!this.#socket.write(frame, 'latin1')) break;
    }
    this.#waiting.splice(0, taken);
  }

  /** Events of one turn of the loop leave as one write. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }
}
