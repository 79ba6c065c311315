import type { SimulatedEvent } from '../../test/support/simulator/simulated-event.ts';
import { openEventFeed } from './event-feed.ts';
import { answerQuestions } from './sender.ts';

/** One simulated node that sends events of cloned calls as fast as its listener reads. */
export type EventSender = {
  node: { asks: undefined; answers: { switchname: string; host: string; port: number; password: string } };
  subscribed: { asks: undefined; answers: null };
  rehearse: { asks: { calls: number }; answers: { events: number; legs: number; lastLegs: string[] } };
  send: { asks: undefined; answers: { seconds: number; cpuSeconds: number } };
};

const LAST_LEGS = 8;

const feed = await openEventFeed();
let waiting: SimulatedEvent[] = [];

function rehearse({ calls }: { calls: number }) {
  const { events, legs } = feed.rehearse(calls);
  waiting = events;
  const lastFirst = new Set(waiting.toReversed().map(({ uuid }) => uuid));
  return { events: waiting.length, legs, lastLegs: [...lastFirst].slice(0, LAST_LEGS) };
}

async function send() {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  await feed.send(waiting);
  const { user, system } = process.cpuUsage(cpuBefore);
  waiting = [];
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

answerQuestions<EventSender>({
  node: feed.place,
  subscribed: async () => {
    await feed.fleet.subscribed();
    return null;
  },
  rehearse,
  send,
});
