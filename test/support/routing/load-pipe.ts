import type { Bus, DeliveredRecord, FollowOptions } from '../../../libs/bus/bus.ts';
import type { NodeLoad } from '../../../libs/records/node-load.ts';
import { TOPICS } from '../../../libs/records/topics.ts';

/** The part of a bus that carries load, in memory: what a test says, every follower hears, unless the bus is away. */
export interface LoadPipe {
  bus: Bus;
  say(load: NodeLoad): void;
  /** while it is away nothing is heard */
  setAway(isAway: boolean): void;
}

export function createLoadPipe(): LoadPipe {
  const followers = new Set<FollowOptions>();
  let isAway = false;
  let offset = 0;
  const refuse = () => Promise.reject(new Error('this bus carries load only'));
  const bus: Bus = {
    kind: 'postgres',
    publish: refuse,
    subscribe: refuse,
    follow: async (options) => {
      followers.add(options);
      return { stop: async () => void followers.delete(options), lag: async () => [] };
    },
    check: async () => undefined,
    close: async () => undefined,
  };
  function say(load: NodeLoad): void {
    if (isAway) return;
    offset += 1;
    const record: DeliveredRecord = {
      topic: TOPICS.load,
      key: load.node,
      value: structuredClone(load),
      partition: 0,
      offset: String(offset),
      publishedUs: load.at_us,
    };
    for (const { onRecords } of followers) onRecords([record]);
  }
  return {
    bus,
    say,
    setAway: (away) => {
      isAway = away;
    },
  };
}
