import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  url: string;
  rawHeaders: readonly string[];
  /** A binary string. */
  body: string;
  /** The client's port: another one for each connection. */
  clientPort: number;
}

/** A web server that keeps what it is sent and answers as it is told, for tests. */
export class HttpSink {
  readonly received: Received[] = [];
  readonly origin: string;
  readonly close: () => void;

  private constructor(origin: string, close: () => void) {
    this.origin = origin;
    this.close = close;
  }

  /** @param statusOf the status of each request; `hang` never answers */
  static async open(statusOf: (request: Received) => number | 'hang' = () => 200): Promise<HttpSink> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('latin1');
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        const { url = '', rawHeaders, socket } = request;
        const received = { url, rawHeaders, body, clientPort: socket.remotePort ?? 0 };
        sink.received.push(received);
        const status = statusOf(received);
        if (status !== 'hang') response.writeHead(status).end('<result status="not found"/>');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sink = new HttpSink(`http://127.0.0.1:${port}`, () => {
      server.closeAllConnections();
      server.close();
    });
    return sink;
  }
}
