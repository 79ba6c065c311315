import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../libs/clock/clock.ts';
import { codeOf } from '../../../libs/errors/coded-error.ts';
import { spooledText } from './cdr-body.ts';
import type { CdrLedger, CdrOutcome } from './cdr-ledger.ts';
import { type Credentials, headersFor, post } from './http-post.ts';

/** The settings of xml_cdr.conf or json_cdr.conf. */
export interface CdrDelivery {
  urls: readonly string[];
  credentials?: Credentials | undefined;
  /** Attempts after the first (3). */
  retries?: number | undefined;
  /** Before each retry, ms of the clock (1000). */
  delayMs?: number | undefined;
  /** Of one attempt, real ms (10,000); 0 waits for ever. */
  timeoutMs?: number | undefined;
  /** Where a CDR goes that nobody took; nowhere when absent. */
  errLogDir?: string | undefined;
}

/** One CDR about to be posted. */
export interface CdrPost {
  uuid: string;
  prefix: 'a_' | '';
  format: 'xml' | 'json';
  headers: readonly (readonly [string, string])[];
  body: string;
}

/**
 * Posts CDRs as mod_xml_cdr and mod_json_cdr do: any 2xx is success; anything else turns to the next URL, waits, tries
 * again, and in the end writes the file. The URL that is in use is shared by all sessions of a node and stays.
 */
export class CdrPoster {
  readonly #delivery: CdrDelivery;
  readonly #ledger: CdrLedger;
  readonly #clock: Clock;
  #urlIndex = 0;

  constructor(delivery: CdrDelivery, ledger: CdrLedger, clock: Clock) {
    this.#delivery = delivery;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Resolves when the CDR was accepted, spooled or lost; FreeSWITCH holds the session that long. */
  async deliver(cdr: CdrPost): Promise<CdrOutcome> {
    const answers: string[] = [];
    const attempts = 1 + (this.#delivery.retries ?? 3);
    // Taken once: after turning away from a URL with a query, FreeSWITCH posts to `/cdr&uuid=…`.
    const separator = this.#url.includes('?') ? '&' : '?';
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      if (attempt > 1) await this.#clock.sleep(this.#delivery.delayMs ?? 1000);
      const answer = await this.#attempt(cdr, separator);
      answers.push(answer);
      if (/^2\d\d$/.test(answer)) return this.#note(cdr, 'accepted', answers);
      this.#urlIndex = (this.#urlIndex + 1) % Math.max(1, this.#delivery.urls.length);
    }
    return this.#note(cdr, await this.#spool(cdr), answers);
  }

  get #url(): string {
    return this.#delivery.urls[this.#urlIndex] ?? '';
  }

  async #attempt({ uuid, prefix, format, headers, body }: CdrPost, separator: string): Promise<string> {
    const url = `${this.#url}${separator}uuid=${format === 'xml' ? prefix : ''}${uuid}`;
    const { credentials, timeoutMs = 10_000 } = this.#delivery;
    try {
      const { status } = await post({
        url,
        headers: headersFor(headers, { url, body, credentials }),
        body,
        timeoutMs,
      });
      return String(status);
    } catch (error) {
      return error instanceof DOMException ? error.name : codeOf(error);
    }
  }

  async #spool({ uuid, prefix, format, body }: CdrPost): Promise<'spooled' | 'lost'> {
    const { errLogDir } = this.#delivery;
    if (errLogDir === undefined) return 'lost';
    await mkdir(errLogDir, { recursive: true });
    await writeFile(join(errLogDir, `${prefix}${uuid}.cdr.${format}`), spooledText(body), 'latin1');
    return 'spooled';
  }

  #note({ uuid, format }: CdrPost, result: CdrOutcome['result'], answers: string[]): CdrOutcome {
    const outcome = { uuid, format, result, attempts: answers.length, answers };
    this.#ledger.note(outcome);
    return outcome;
  }
}
