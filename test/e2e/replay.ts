import { createClock } from '../../libs/clock/clock.ts';
import type { Call } from '../../libs/records/call.ts';
import { compareCalls, type ExpectedCalls } from '../support/expected-calls.ts';
import { Fleet } from '../support/simulator/fleet.ts';
import { loadRecording, type Recording } from '../support/simulator/recording.ts';
import type { Testing } from '../support/stack/test-database.ts';
import { addNodes, listCalls, type Product } from './product.ts';

/** How much faster than recorded a run is replayed, product and simulator alike. */
export const RATE = 10;

/** The clock of one replay, and the environment that puts every process of the product on it. */
export function replayClock() {
  const began = Date.now();
  const environment = { CLOCK_START: String(began), CLOCK_RATE: String(RATE) };
  return { clock: createClock({ began, rate: RATE }), environment };
}

export interface Replay {
  product: Product;
  run: string | Recording;
  clock: ReturnType<typeof createClock>;
  /** whether servers that were stopped at the end of the recording are stopped again (`stay`: they are not) */
  ending?: 'as-recorded' | 'stay';
}

/** Replays a recorded run against the product: event sockets, CDR posts and xml_curl questions of all its nodes. */
export async function replay(t: Testing, { product, run, clock, ending = 'stay' }: Replay): Promise<Fleet> {
  const credentials = product.freeswitch;
  const fleet = new Fleet({
    recording: typeof run === 'string' ? loadRecording(run) : run,
    clock,
    password: 'ClueCon',
    cdr: { urls: [`${product.cdrUrl}/cdr`], credentials },
    jsonCdr: { urls: [`${product.cdrUrl}/json-cdr`], credentials },
    directory: { url: `${product.directoryUrl}/freeswitch`, credentials },
  });
  t.after(() => fleet.stop());
  await fleet.start();
  await addNodes(product, fleet.nodes, 'ClueCon');
  await fleet.subscribed();
  await fleet.replay({ ending }).finished;
  return fleet;
}

const SETTLE_MS = 60_000;

/** Waits until the listed calls are as expected; gives what still differs when the time is over. */
export async function settledDifferences(product: Product, expected: ExpectedCalls): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const calls = await listCalls(product);
    const differences = [...compareCalls(expected, calls), ...unfinished(calls)];
    if (differences.length === 0 || performance.now() > deadline) return differences;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function unfinished(calls: readonly Call[]): string[] {
  return calls.filter(({ state }) => state !== 'finished').map(({ id }) => `call ${id} is not finished`);
}
