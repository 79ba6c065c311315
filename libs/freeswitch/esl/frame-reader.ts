import { CodedError } from '../../errors/coded-error.ts';

/** One message of mod_event_socket: its header block, raw as sent, and the bytes of its body. */
export interface Frame {
  headers: Record<string, string>;
  body: Buffer | undefined;
}

export interface FrameLimits {
  /** longest header block, bytes */
  headerBytes: number;
  /** longest body, bytes (`show channels as json` needs about 1 kB a channel) */
  bodyBytes: number;
}

export const FRAME_LIMITS: FrameLimits = { headerBytes: 64 * 1024, bodyBytes: 64 * 1024 * 1024 };

const BLANK_LINE = '\n\n';
const NEWLINE = 10;

/**
 * Cuts a byte stream into frames, however it was split into chunks. Header values stay as they were sent: mod_event_socket
 * does not encode reply headers, so a `%` in them is just a `%` (modesl decodes them, and a stray one throws).
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  #chunks: Buffer[] = [];
  #length = 0;
  /** bytes without which the next frame cannot be complete, so that a large body is joined once and not at every chunk */
  #needed = 1;

  constructor(limits: FrameLimits = FRAME_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes and gives the frames that they complete.
   * @throws CodedError `esl-frame-invalid`: a length that is no number, or a header block or body over its limit
   */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    return this.#cut(this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length));
  }

  #cut(buffer: Buffer): Frame[] {
    const frames: Frame[] = [];
    let start = skipNewlines(buffer, 0);
    for (;;) {
      const headEnd = buffer.indexOf(BLANK_LINE, start, 'latin1');
      if (headEnd < 0) return this.#keep(buffer, start, this.#waitForHeader(buffer.length - start), frames);
      const headers = readHeaders(buffer.toString('utf8', start, headEnd));
      const length = this.#bodyLength(headers);
      const bodyStart = headEnd + BLANK_LINE.length;
      const end = bodyStart + length;
      if (end > buffer.length) return this.#keep(buffer, start, end - start, frames);
      frames.push({ headers, body: length === 0 ? undefined : buffer.subarray(bodyStart, end) });
      start = skipNewlines(buffer, end);
    }
  }

  #keep(buffer: Buffer, start: number, needed: number, frames: Frame[]): Frame[] {
    const rest = buffer.subarray(start);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = needed;
    return frames;
  }

  #waitForHeader(have: number): number {
    if (have > this.#limits.headerBytes) throw invalid('a header block has no end', have);
    return have + 1;
  }

  #bodyLength(headers: Record<string, string>): number {
    const text = headers['Content-Length'];
    if (text === undefined) return 0;
    const length = Number(text);
    if (!/^\d+$/.test(text)) throw invalid('Content-Length is no number', text);
    if (length > this.#limits.bodyBytes) throw invalid('a body is over its limit', length);
    return length;
  }
}

function skipNewlines(buffer: Buffer, start: number): number {
  let at = start;
  while (buffer[at] === NEWLINE) at += 1;
  return at;
}

function readHeaders(block: string): Record<string, string> {
  const headers: [string, string][] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return Object.fromEntries(headers);
}

function invalid(what: string, value: unknown): CodedError {
  return new CodedError('esl-frame-invalid', `the event socket sent what cannot be read: ${what}`, {
    details: { value },
  });
}
