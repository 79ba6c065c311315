import { connect } from 'node:net';
import type { CdrPost } from '../../test/support/simulator/cdr-poster.ts';
import { type Credentials, headersFor } from '../../test/support/simulator/http-post.ts';

const ANSWER_MS = 10_000;

/** Posts CDRs as FreeSWITCH does, each over a connection of its own, without what a HTTP client would cost. */
export class CdrClient {
  readonly #url: string;
  readonly #credentials: Credentials;

  constructor(url: string, credentials: Credentials) {
    this.#url = url;
    this.#credentials = credentials;
  }

  /** The request as bytes: making it costs the measured time nothing. */
  write({ uuid, prefix, headers, body }: CdrPost): Buffer {
    const named = headersFor(headers, { url: this.#url, body, credentials: this.#credentials });
    const lines = named.map(([name, value]) => `${name}: ${value}`);
    const first = `POST ${new URL(this.#url).pathname}?uuid=${prefix}${uuid} HTTP/1.1`;
    return Buffer.from([first, ...lines, '', ''].join('\r\n') + body, 'latin1');
  }

  /** Sends requests, `atOnce` at a time. @returns those that were not answered 2xx */
  async sendAll(requests: readonly Buffer[], atOnce: number): Promise<Buffer[]> {
    const queue = requests.values();
    const refused: Buffer[] = [];
    const work = async () => {
      for (const request of queue) {
        const status = await this.#send(request);
        if (status < 200 || status >= 300) refused.push(request);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return refused;
  }

  /** Gives the status, 0 when the connection broke or was silent for too long. */
  #send(request: Buffer): Promise<number> {
    const { hostname, port } = new URL(this.#url);
    const answered = Promise.withResolvers<number>();
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.setEncoding('latin1');
    socket.once('data', (answer) => {
      answered.resolve(Number(String(answer).slice(9, 12)));
      socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => answered.resolve(0));
    socket.write(request);
    return answered.promise;
  }
}
