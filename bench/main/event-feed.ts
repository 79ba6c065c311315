import { setTimeout as sleep } from 'node:timers/promises';
import { subscribeCommand } from '../../services/collector/subscription.ts';
import { startFleet } from '../../test/support/simulator/fleet.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';
import type { SimulatedEvent } from '../../test/support/simulator/simulated-event.ts';
import { Subscription } from '../../test/support/simulator/subscription.ts';

const CPS = 120;
const LONGEST_CALL_US = 60_000_000;
/** The listener reads: what waits in the node's queue was not sent yet. */
const BACKLOG = 500;

/** One simulated node whose cloned calls have ended by now, and which says as much as its listener reads. */
export async function openEventFeed() {
  const fleet = await startFleet({
    recording: loadRecording('run-01'),
    nodes: 1,
    cores: 'fresh',
    heartbeatMs: 20_000,
  });
  const node = fleet.node('fs01');
  const wanted = new Subscription();
  wanted.event(subscribeCommand().replace(/^event /, ''));
  return {
    fleet,
    place: () => ({ switchname: node.switchname, host: node.host, port: node.port, password: node.password }),
    /** Clones so many calls; their events that the collector asks for, rendered. */
    rehearse: (calls: number) => {
      const made = fleet.rehearse({ calls, cps: CPS, untilUs: Date.now() * 1000 - LONGEST_CALL_US });
      // What is about no leg (a conference is made, the floor changes) is read and left out.
      const events = made.events
        .map(({ event }) => event)
        .filter((event) => event.uuid !== '' && wanted.wants(event));
      for (const event of events) event.frame('json');
      return { ...made, events };
    },
    send: async (events: readonly SimulatedEvent[]) => {
      for (const event of events) {
        while (node.backlog > BACKLOG) await sleep(1);
        node.emit(event);
      }
      while (node.backlog > 0) await sleep(1);
    },
  };
}
