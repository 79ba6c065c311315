import { loadExpected } from '../../test/support/expected-calls.ts';
import { recordedCalls } from '../../test/support/simulator/recorded-call.ts';
import { loadRecording } from '../../test/support/simulator/recording.ts';

/**
 * How many calls a person sees in so many clones of run 01: load clones what the recording links, in turn, and one of these is two
 * calls (the members of a conference).
 */
export async function expectedCalls(clones: number): Promise<number> {
  const { calls } = await loadExpected('run-01');
  const callsOf = recordedCalls(loadRecording('run-01')).map(
    ({ legs }) => calls.filter((call) => call.legs.some((leg) => legs.includes(leg))).length,
  );
  return Array.from({ length: clones }, (_, clone) => callsOf[clone % callsOf.length] ?? 0).reduce(
    (sum, count) => sum + count,
    0,
  );
}
