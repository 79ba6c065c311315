import { setTimeout as sleep } from 'node:timers/promises';
import { subscribeCommand } from '../../services/collector/subscription.ts';
import { startFleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import type { SimulatedEvent } from '../../test/support/simulator/simulated-event.ts';
import { Subscription } from '../../test/support/simulator/subscription.ts';
import { CdrClient } from '../main/cdr-client.ts';
import { answerQuestions } from '../main/sender.ts';

/** What `node add` needs. */
export interface NodePlace {
  switchname: string;
  host: string;
  port: number;
  password: string;
}

/** One simulated node that sends whole calls: their events as fast as its listener reads, and the CDR of every leg beside. */
export type CallSender = {
  node: { asks: undefined; answers: NodePlace };
  subscribed: { asks: undefined; answers: null };
  rehearse: { asks: { calls: number }; answers: { events: number; posts: number } };
  send: { asks: { atOnce: number }; answers: { accepted: number } };
};

const CPS = 120;
const LONGEST_CALL_US = 60_000_000;
const BACKLOG = 500;
const ATTEMPTS = 5;

const [url = '', username = '', password = ''] = process.argv.slice(2);
const client = new CdrClient(url, { username, password });
const fleet = await startFleet({
  recording: loadRecording('run-01'),
  nodes: 1,
  cores: 'fresh',
  heartbeatMs: 20_000,
});
const node = fleet.node('fs01');
const wanted = new Subscription();
wanted.event(subscribeCommand().replace(/^event /, ''));
let events: SimulatedEvent[] = [];
let requests: Buffer[] = [];

function rehearse({ calls }: { calls: number }) {
  const made = fleet.rehearse({ calls, cps: CPS, untilUs: Date.now() * 1000 - LONGEST_CALL_US });
  events = made.events.map(({ event }) => event).filter((event) => event.uuid !== '' && wanted.wants(event));
  for (const event of events) event.frame('json');
  requests = made.posts.map((post) => client.write(post));
  return { events: events.length, posts: requests.length };
}

async function sendEvents(): Promise<void> {
  for (const event of events) {
    while (node.backlog > BACKLOG) await sleep(1);
    node.emit(event);
  }
  while (node.backlog > 0) await sleep(1);
}

async function send({ atOnce }: { atOnce: number }) {
  const [refused] = await Promise.all([postAll(requests, atOnce), sendEvents()]);
  const accepted = requests.length - refused.length;
  [events, requests] = [[], []];
  return { accepted };
}

/** A server posts again what was refused, as FreeSWITCH does. */
async function postAll(all: readonly Buffer[], atOnce: number): Promise<readonly Buffer[]> {
  let refused = all;
  for (let attempt = 0; attempt < ATTEMPTS && refused.length > 0; attempt += 1)
    refused = await client.sendAll(refused, atOnce);
  return refused;
}

answerQuestions<CallSender>({
  node: () => ({ switchname: node.switchname, host: node.host, port: node.port, password: node.password }),
  subscribed: async () => {
    await fleet.subscribed();
    return null;
  },
  rehearse,
  send,
});
