import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../figure.ts';

/** What to ask, how, and for how long. */
export interface HttpLoad {
  port: number;
  requests: string[];
  connections: number;
  milliseconds: number;
  /** a new connection for every request, as FreeSWITCH makes them */
  isNewConnection?: boolean;
  /** requests a second; as fast as answers come when absent */
  rate?: number;
}

export interface HttpLoadResult {
  answers: number;
  /** answers that were not 200 */
  wrong: number;
  milliseconds: number;
  /** of a request, from its writing to the end of its answer */
  p99Ms: number;
}

interface Counts {
  answers: number;
  wrong: number;
  next: number;
  latencies: number[];
}

interface Worker {
  load: HttpLoad;
  requests: Buffer[];
  counts: Counts;
  started: number;
  index: number;
}

/** Connections with one request under way each: a bare socket and no parser, so that the client costs less than what it measures. */
async function run(load: HttpLoad): Promise<HttpLoadResult> {
  const requests = load.requests.map((request) => Buffer.from(request));
  const counts: Counts = { answers: 0, wrong: 0, next: 0, latencies: [] };
  const started = performance.now();
  const worker = load.isNewConnection ? knockAgain : talk;
  await Promise.all(
    Array.from({ length: load.connections }, (_, index) =>
      worker({ load, requests, counts, started, index }),
    ),
  );
  const milliseconds = performance.now() - started;
  const { answers, wrong, latencies } = counts;
  return { answers, wrong, milliseconds, p99Ms: percentile(latencies, 0.99) };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function talk(worker: Worker): Promise<void> {
  const { load, started, index } = worker;
  const socket = await open(load.port);
  const spacing = load.rate === undefined ? 0 : (load.connections / load.rate) * 1000;
  for (let turn = 0; performance.now() - started < load.milliseconds; turn += 1) {
    const due = started + spacing * (turn + index / load.connections);
    const early = due - performance.now();
    if (spacing > 0 && early > 0) await sleep(early);
    await exchange(socket, worker);
  }
  socket.destroy();
}

async function knockAgain(worker: Worker): Promise<void> {
  while (performance.now() - worker.started < worker.load.milliseconds) {
    const socket = await open(worker.load.port);
    await exchange(socket, worker);
    socket.destroy();
  }
}

function exchange(socket: Socket, { requests, counts }: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending = '';
    const written = performance.now();
    const onData = (data: Buffer) => {
      pending += data.toString('latin1');
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
      if (pending.length < end + 4 + length) return;
      socket.off('data', onData);
      socket.off('error', reject);
      counts.answers += 1;
      if (!pending.startsWith('HTTP/1.1 200')) counts.wrong += 1;
      counts.latencies.push(performance.now() - written);
      resolve();
    };
    socket.on('data', onData);
    socket.on('error', reject);
    counts.next = (counts.next + 1) % requests.length;
    socket.write(requests[counts.next] ?? '');
  });
}

process.on('message', async (load: HttpLoad) => {
  process.send?.(await run(load));
});
process.on('disconnect', () => process.exit(0));
