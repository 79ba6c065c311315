import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What to ask, how, and for how long. */
export interface HttpLoad {
  port: number;
  paths: string[];
  authorization: string | undefined;
  connections: number;
  milliseconds: number;
}

export interface HttpLoadResult {
  answers: number;
  /** answers that were not 200, or did not hold `"result":"route"` */
  wrong: number;
  milliseconds: number;
}

/**
 * A closed loop of keep-alive connections, each with one request under way: a bare socket and no parser, so that the
 * client costs less than what it measures.
 */
async function run(load: HttpLoad): Promise<HttpLoadResult> {
  const requests = load.paths.map((path) => Buffer.from(request(path, load.authorization)));
  const counts = { answers: 0, wrong: 0, next: 0 };
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(load.port)));
  const started = performance.now();
  const deadline = started + load.milliseconds;
  await Promise.all(sockets.map((socket) => loop(socket, { requests, counts, deadline })));
  const milliseconds = performance.now() - started;
  return { answers: counts.answers, wrong: counts.wrong, milliseconds };
}

function request(path: string, authorization: string | undefined): string {
  const credentials = authorization === undefined ? '' : `Authorization: ${authorization}\r\n`;
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: kamailio\r\nAccept: */*\r\n${credentials}\r\n`;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

interface Loop {
  requests: Buffer[];
  counts: { answers: number; wrong: number; next: number };
  deadline: number;
}

function loop(socket: Socket, { requests, counts, deadline }: Loop): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending = '';
    const send = () => {
      if (performance.now() >= deadline) {
        socket.destroy();
        return resolve();
      }
      counts.next = (counts.next + 1) % requests.length;
      socket.write(requests[counts.next] ?? '');
    };
    socket.on('data', (data) => {
      pending += data.toString('latin1');
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      counts.answers += 1;
      if (!pending.startsWith('HTTP/1.1 200') || !pending.includes('"result":"route"')) counts.wrong += 1;
      pending = '';
      send();
    });
    socket.on('error', reject);
    send();
  });
}

process.on('message', async (load: HttpLoad) => {
  process.send?.(await run(load));
});
process.on('disconnect', () => process.exit(0));
