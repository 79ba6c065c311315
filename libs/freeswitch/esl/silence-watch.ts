import type { Clock } from '../../clock/clock.ts';
import type { Heartbeat } from './heartbeat.ts';

export interface SilenceHandlers {
  /** nothing was received for 2.5 heartbeat intervals */
  onSilence(silentUs: number): void;
}

/**
 * Says when a connection has been silent for longer than its heartbeats allow. Any byte is a sign of life. While we do not
 * read (backpressure) silence is ours and counts for nothing.
 */
export class SilenceWatch {
  /** our clock at the last byte */
  lastByteUs: number;
  readonly #clock: Clock;
  readonly #heartbeat: Heartbeat;
  readonly #handlers: SilenceHandlers;
  #cancel: () => void = () => undefined;
  #paused = false;

  constructor(clock: Clock, heartbeat: Heartbeat, handlers: SilenceHandlers) {
    this.#clock = clock;
    this.#heartbeat = heartbeat;
    this.#handlers = handlers;
    this.lastByteUs = clock.nowUs();
    this.#arm();
  }

  byte(): void {
    this.lastByteUs = this.#clock.nowUs();
  }

  /** A heartbeat may have taught a shorter deadline: count from now on with that. */
  beat(): void {
    this.#cancel();
    this.#arm();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (this.#paused) this.byte();
    this.#paused = false;
  }

  stop(): void {
    this.#cancel();
  }

  #arm(): void {
    const nowUs = this.#clock.nowUs();
    // The clock was set back: silence would count only from when it is that late again.
    if (this.lastByteUs > nowUs) this.lastByteUs = nowUs;
    const left = this.lastByteUs + this.#heartbeat.deadlineUs - nowUs;
    this.#cancel = this.#clock.after(Math.max(left, 10_000) / 1000, () => this.#check());
  }

  #check(): void {
    if (this.#paused) this.byte();
    const silentUs = this.#clock.nowUs() - this.lastByteUs;
    if (silentUs >= this.#heartbeat.deadlineUs) {
      this.#handlers.onSilence(silentUs);
      this.#cancel = this.#clock.after(this.#heartbeat.deadlineUs / 1000, () => this.#check());
      return;
    }
    this.#arm();
  }
}
