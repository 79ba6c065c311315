import { connect } from 'node:net';
import { cast, type Kind, moulds } from './corpus.ts';

/** What the client is told, as JSON in its argument. */
export interface ClientOrder {
  port: number;
  authorization: string;
  kind: Kind;
  /** number of the first leg: each number is another leg */
  first: number;
  posts: number;
  /** posts under way at once */
  parallel: number;
  /** posts a second at the most; as fast as answered when absent */
  rate?: number;
  /** begins no post later than this, however many are left */
  seconds?: number;
  /** one connection for all posts of a worker, instead of a new one each */
  keepAlive?: boolean;
}

/** What it prints at the end, as JSON. */
export interface ClientReport {
  accepted: number;
  refused: number;
  /** from the first post to the last answer */
  seconds: number;
  /** when the first post began, ms since 1970 */
  began_ms: number;
  /** CPU time from the first post to the last answer */
  cpu_seconds: number;
  p50_ms: number;
  p99_ms: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ClientOrder;
const forms = moulds(order.kind);
const latencies: number[] = [];
let accepted = 0;
let refused = 0;
let next = 0;

function requestOf(number: number): Buffer[] {
  const { mould, uuid, body } = cast(forms, order.first + number);
  const head =
    `POST ${mould.path}?uuid=${uuid} HTTP/1.1\r\nHost: 127.0.0.1:${order.port}\r\nAuthorization: ${order.authorization}\r\n` +
    `User-Agent: freeswitch-xml/1.0\r\nAccept: */*\r\nContent-Type: ${mould.contentType}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return [Buffer.from(head, 'latin1'), body];
}

interface Line {
  post(number: number): Promise<number>;
  end(): void;
}

/** A connection whose answers are read by their status line; our services always send a Content-Length. */
function openLine(): Line {
  const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
  let text = '';
  let settle: ((status: number) => void) | undefined;
  const finish = (status: number) => {
    text = '';
    settle?.(status);
    settle = undefined;
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const head = text.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (head >= 0 && text.length >= head + 4 + length) finish(Number(text.slice(9, 12)));
  });
  socket.on('error', () => finish(0));
  socket.on('close', () => finish(0));
  return {
    post: (number) => {
      const answer = Promise.withResolvers<number>();
      settle = answer.resolve;
      socket.cork();
      for (const part of requestOf(number)) socket.write(part);
      socket.uncork();
      return answer.promise;
    },
    end: () => socket.destroy(),
  };
}

function isOver(began: number): boolean {
  return order.seconds !== undefined && performance.now() - began > order.seconds * 1000;
}

async function work(began: number): Promise<void> {
  let kept: Line | undefined;
  for (;;) {
    const number = next++;
    if (number >= order.posts || isOver(began)) break;
    const due = order.rate === undefined ? performance.now() : began + (number * 1000) / order.rate;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const from = performance.now();
    const line = kept ?? openLine();
    if (order.keepAlive) kept = line;
    const status = await line.post(number);
    if (!order.keepAlive) line.end();
    latencies.push(performance.now() - from);
    if (status >= 200 && status < 300) accepted += 1;
    else refused += 1;
  }
  kept?.end();
}

const idle = process.cpuUsage();
const began = performance.now();
await Promise.all(Array.from({ length: order.parallel }, () => work(began)));
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(idle);
const sorted = latencies.toSorted((a, b) => a - b);
const quantile = (share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const began_ms = performance.timeOrigin + began;
const report: ClientReport = {
  accepted,
  refused,
  seconds,
  began_ms,
  cpu_seconds: (user + system) / 1e6,
  p50_ms: quantile(0.5),
  p99_ms: quantile(0.99),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
