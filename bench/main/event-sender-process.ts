import { setTimeout as sleep } from 'node:timers/promises';
import { subscribeCommand } from '../../services/collector/subscription.ts';
import { startFleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import type { SimulatedEvent } from '../../test/support/simulator/simulated-event.ts';
import { Subscription } from '../../test/support/simulator/subscription.ts';
import { answerQuestions } from './sender.ts';

/** One simulated node that sends events of cloned calls as fast as its listener reads. */
export type EventSender = {
  node: { asks: undefined; answers: { switchname: string; host: string; port: number; password: string } };
  subscribed: { asks: undefined; answers: null };
  rehearse: { asks: { calls: number }; answers: { events: number; legs: number; lastLegs: string[] } };
  send: { asks: undefined; answers: { seconds: number; cpuSeconds: number } };
};

const CPS = 120;
const LONGEST_CALL_US = 60_000_000;
const LAST_LEGS = 8;
/** The listener reads: what waits in the node's queue was not sent yet. */
const BACKLOG = 500;

const fleet = await startFleet({
  recording: loadRecording('run-01'),
  nodes: 1,
  cores: 'fresh',
  heartbeatMs: 20_000,
});
const node = fleet.node('fs01');
const wanted = new Subscription();
wanted.event(subscribeCommand().replace(/^event /, ''));
let waiting: SimulatedEvent[] = [];

function rehearse({ calls }: { calls: number }) {
  const untilUs = Date.now() * 1000 - LONGEST_CALL_US;
  const { events, legs } = fleet.rehearse({ calls, cps: CPS, untilUs });
  // What is about no leg (a conference is made, the floor changes) is read and left out.
  waiting = events.map(({ event }) => event).filter((event) => event.uuid !== '' && wanted.wants(event));
  for (const event of waiting) event.frame('json');
  const lastFirst = new Set(waiting.toReversed().map(({ uuid }) => uuid));
  return { events: waiting.length, legs, lastLegs: [...lastFirst].slice(0, LAST_LEGS) };
}

async function send() {
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  for (const event of waiting) {
    while (node.backlog > BACKLOG) await sleep(1);
    node.emit(event);
  }
  while (node.backlog > 0) await sleep(1);
  const { user, system } = process.cpuUsage(cpuBefore);
  waiting = [];
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

answerQuestions<EventSender>({
  node: () => ({ switchname: node.switchname, host: node.host, port: node.port, password: node.password }),
  subscribed: async () => {
    await fleet.subscribed();
    return null;
  },
  rehearse,
  send,
});
