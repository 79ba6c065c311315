import { connect } from 'node:net';
import { Fleet } from '../../test/support/simulator/fleet.ts';
import { type Credentials, headersFor } from '../../test/support/simulator/http-post.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import { answerQuestions } from './sender.ts';

/** Posts CDRs of cloned calls, each over a connection of its own, as many at once as asked for. */
export type CdrSender = {
  rehearse: { asks: { calls: number }; answers: { posts: number; lastLegs: string[] } };
  send: { asks: { atOnce: number }; answers: { accepted: number; seconds: number; cpuSeconds: number } };
};

const [url = '', username = '', password = ''] = process.argv.slice(2);
const { hostname, port, pathname } = new URL(url);
const credentials: Credentials = { username, password };
const fleet = new Fleet({ recording: loadRecording('run-01'), cores: 'fresh' });
const LONGEST_CALL_US = 60_000_000;
const LAST_LEGS = 8;
const ANSWER_MS = 10_000;
let waiting: Buffer[] = [];

function rehearse({ calls }: { calls: number }) {
  const { posts } = fleet.rehearse({ calls, cps: 100, untilUs: Date.now() * 1000 - LONGEST_CALL_US });
  waiting = posts.map(({ uuid, prefix, headers, body }) => {
    const lines = headersFor(headers, { url, body, credentials }).map(([name, value]) => `${name}: ${value}`);
    const head = [`POST ${pathname}?uuid=${prefix}${uuid} HTTP/1.1`, ...lines, '', ''].join('\r\n');
    return Buffer.from(head + body, 'latin1');
  });
  return { posts: waiting.length, lastLegs: posts.slice(-LAST_LEGS).map(({ uuid }) => uuid) };
}

/** Gives the status, 0 when the connection broke or was silent for too long. */
function post(request: Buffer): Promise<number> {
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

async function send({ atOnce }: { atOnce: number }) {
  const queue = waiting.values();
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  let accepted = 0;
  const work = async () => {
    for (const request of queue) {
      const status = await post(request);
      if (status >= 200 && status < 300) accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const { user, system } = process.cpuUsage(cpuBefore);
  waiting = [];
  return { accepted, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

answerQuestions<CdrSender>({ rehearse, send });
