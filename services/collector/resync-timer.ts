import type { Clock } from '../../libs/clock/clock.ts';

/** How long after a lost event the truth is asked for: several losses cost one question. */
const RESYNC_DELAY_MS = 1_000;

/** A node that could not answer is asked again after this. */
const RETRY_MS = 10_000;

/** Longer than what a set says nothing of. */
const CONFIRM_MS = 6_000;

/** Why a node is asked: something may be missing, or a set that was just taken is to be confirmed, which is done once. */
export type ResyncReason = 'gap' | 'confirmation';

/** Decides when a node is asked for its exact set of channels again. */
export class ResyncTimer {
  readonly #clock: Clock;
  readonly #resync: (reason: ResyncReason) => void;
  #cancelSoon: (() => void) | undefined;
  #cancelConfirm: (() => void) | undefined;

  constructor(clock: Clock, resync: (reason: ResyncReason) => void) {
    this.#clock = clock;
    this.#resync = resync;
  }

  /** Something was lost. */
  soon(): void {
    this.#within(RESYNC_DELAY_MS);
  }

  /** The question was not answered. */
  again(): void {
    this.#within(RETRY_MS);
  }

  /** A set says nothing of legs that were heard of in the 5 s before it: some of them may be gone as well. */
  confirm(): void {
    this.#cancelConfirm?.();
    this.#cancelConfirm = this.#clock.after(CONFIRM_MS, () => this.#resync('confirmation'));
  }

  #within(ms: number): void {
    this.#cancelSoon ??= this.#clock.after(ms, () => {
      this.#cancelSoon = undefined;
      this.#resync('gap');
    });
  }

  stop(): void {
    this.#cancelSoon?.();
    this.#cancelConfirm?.();
  }
}
