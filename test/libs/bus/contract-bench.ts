import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Bus, Subscription } from '../../../libs/bus/bus.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { openTestBus, type TestEnvironment } from './test-bus.ts';

/** The topic that the contract mostly uses. */
export const TOPIC = TOPICS.channelEvents;

/** What each test of the contract has: a prefix for its keys, a group of its own, and buses that are closed after it. */
export interface Bench {
  environment: TestEnvironment;
  prefix: string;
  group: string;
  open(): Promise<Bus>;
  keys(count: number, from?: number): string[];
}

/** One promise of a bus: its name says what, the function proves it. */
export type Promises = Record<string, (bench: Bench) => Promise<void>>;

/** Sets one test up; a member that is silent for two seconds is taken for dead. */
export async function setUp(
  t: TestContext,
  prepare: (t: TestContext) => Promise<TestEnvironment>,
): Promise<Bench> {
  const environment = { BUS_SESSION_MS: '2000', ...(await prepare(t)) };
  const buses: Bus[] = [];
  t.after(() => Promise.all(buses.map((bus) => bus.close())));
  const prefix = randomUUID();
  return {
    environment,
    prefix,
    group: `contract-${prefix}`,
    open: async () => {
      const bus = await openTestBus(environment);
      buses.push(bus);
      return bus;
    },
    keys: (count, from = 0) => Array.from({ length: count }, (_, i) => `${prefix}-${from + i}`),
  };
}

/** Joins the group of the bench on `bus`, else on a new one, and records what it gets. */
export async function subscribe(
  bench: Bench,
  bus?: Bus,
): Promise<{ recorder: Recorder; subscription: Subscription }> {
  const recorder = createRecorder(bench.prefix);
  const subscription = await (bus ?? (await bench.open())).subscribe({
    topics: [TOPIC],
    group: bench.group,
    onBatch: recorder.onBatch,
  });
  return { recorder, subscription };
}
