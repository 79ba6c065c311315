import type { SimulatedEvent } from '../../test/support/simulator/simulated-event.ts';
import { CdrClient } from '../main/cdr-client.ts';
import { openEventFeed } from '../main/event-feed.ts';
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
  rehearse: { asks: { calls: number }; answers: { events: number; posts: number; lastLegs: string[] } };
  send: { asks: { atOnce: number }; answers: { accepted: number } };
};

const ATTEMPTS = 5;
const LAST_LEGS = 8;

const [url = '', username = '', password = ''] = process.argv.slice(2);
const client = new CdrClient(url, { username, password });
const feed = await openEventFeed();
let events: SimulatedEvent[] = [];
let requests: Buffer[] = [];

function rehearse({ calls }: { calls: number }) {
  const made = feed.rehearse(calls);
  events = made.events;
  requests = made.posts.map((post) => client.write(post));
  const lastLegs = made.posts.slice(-LAST_LEGS).map(({ uuid }) => uuid);
  return { events: events.length, posts: requests.length, lastLegs };
}

async function send({ atOnce }: { atOnce: number }) {
  const [refused] = await Promise.all([postAll(requests, atOnce), feed.send(events)]);
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
  node: feed.place,
  subscribed: async () => {
    await feed.fleet.subscribed();
    return null;
  },
  rehearse,
  send,
});
