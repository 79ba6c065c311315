import { type CodedError, codeOf, messageOf } from '../errors/coded-error.ts';

/** A code that refuses again and again writes a line in this time. */
const EVERY_MS = 1_000;

/** Where what broke is written down. */
export interface ErrorLog {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What is known of one code's last line. */
interface Said {
  at: number;
  keptBack: number;
}

/**
 * Logs refusals that we mean (503 with a code): what they say is all there is to know, so there is no stack, and under
 * overload, when each request is refused, a code writes one line a second that says how many it stands for.
 */
export class RefusalLog {
  readonly #codes = new Map<string, Said>();
  readonly #now: () => number;

  /** `now`: milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  write(log: ErrorLog, { code, message, cause }: CodedError, url: string): void {
    const now = this.#now();
    const said = this.#codes.get(code);
    if (said !== undefined && now - said.at < EVERY_MS) {
      said.keptBack += 1;
      return;
    }
    this.#codes.set(code, { at: now, keptBack: 0 });
    const because = cause === undefined ? {} : { cause: messageOf(cause), cause_code: codeOf(cause) };
    log.warn({ url, reason: message, ...because, kept_back: said?.keptBack ?? 0 }, code);
  }
}
