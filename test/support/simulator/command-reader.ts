/** One command of an ESL client: its first line, and the headers and body that sendevent and sendmsg carry. */
export interface EslCommand {
  line: string;
  headers: ReadonlyMap<string, string>;
  body: string;
}

/** mod_event_socket's own limit for the head of a command. */
const HEAD_LIMIT = 1024 * 1024;

/** Cuts what a client sends into commands: lines to an empty line, then as many bytes as content-length says. */
export class CommandReader {
  #buffer = '';

  /** @throws RangeError when a command's head is longer than 1 MiB */
  *read(chunk: string): Generator<EslCommand> {
    this.#buffer = (this.#buffer + chunk).replace(/^[\r\n]+/, '');
    for (let command = this.#next(); command !== undefined; command = this.#next()) yield command;
    if (this.#buffer.length > HEAD_LIMIT) throw new RangeError('command too long');
  }

  #next(): EslCommand | undefined {
    const headEnd = /\r?\n\r?\n/.exec(this.#buffer);
    if (headEnd === null) return undefined;
    const [line = '', ...rest] = this.#buffer.slice(0, headEnd.index).split(/\r?\n/);
    const headers = new Map(rest.map(headerOf));
    const bodyStart = headEnd.index + headEnd[0].length;
    const bodyEnd = bodyStart + Number(headers.get('content-length') ?? 0);
    if (this.#buffer.length < bodyEnd) return undefined;
    const body = this.#buffer.slice(bodyStart, bodyEnd);
    this.#buffer = this.#buffer.slice(bodyEnd).replace(/^[\r\n]+/, '');
    return { line, headers, body };
  }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon < 0
    ? [line.toLowerCase(), '']
    : [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
