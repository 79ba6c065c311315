import { Fleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import { CdrClient } from './cdr-client.ts';
import { answerQuestions } from './sender.ts';

/** Posts CDRs of cloned calls, each over a connection of its own, as many at once as asked for. */
export type CdrSender = {
  rehearse: { asks: { calls: number }; answers: { posts: number; lastLegs: string[] } };
  send: { asks: { atOnce: number }; answers: { accepted: number; seconds: number; cpuSeconds: number } };
};

const [url = '', username = '', password = ''] = process.argv.slice(2);
const client = new CdrClient(url, { username, password });
const fleet = new Fleet({ recording: loadRecording('run-01'), cores: 'fresh' });
const LONGEST_CALL_US = 60_000_000;
const LAST_LEGS = 8;
let waiting: Buffer[] = [];

function rehearse({ calls }: { calls: number }) {
  const { posts } = fleet.rehearse({ calls, cps: 100, untilUs: Date.now() * 1000 - LONGEST_CALL_US });
  waiting = posts.map((post) => client.write(post));
  return { posts: waiting.length, lastLegs: posts.slice(-LAST_LEGS).map(({ uuid }) => uuid) };
}

async function send({ atOnce }: { atOnce: number }) {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const refused = await client.sendAll(waiting, atOnce);
  const accepted = waiting.length - refused.length;
  const { user, system } = process.cpuUsage(cpuBefore);
  waiting = [];
  return { accepted, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

answerQuestions<CdrSender>({ rehearse, send });
