import { collectorCpuPerEvent } from './calls/collector-cpu.ts';
import { mergerRecords } from './calls/merger-records.ts';
import { reportTimes } from './calls/report-time.ts';
import type { Bench, Figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const ROUNDS = 5;
const EVENT_CALLS = 1_500;

const COPIES = 60;
const CALLS = 1_000_000;

/**
 * The collector and the merger, on clones of recorded calls, and reports over a month of `--calls N` (1,000,000) calls.
 * `--rounds N` changes how often figures are measured.
 */
export const bench: Bench = {
  name: 'calls',
  description: 'collector: CPU for an event; merger: records into PostgreSQL; reports over a month of calls',
  async *run({ rounds = String(ROUNDS), calls = String(CALLS) }): AsyncIterable<Figure> {
    const scope = new Scope();
    try {
      yield await collectorCpuPerEvent(scope, { calls: EVENT_CALLS, rounds: Number(rounds) });
      yield* await mergerRecords(scope, { copies: COPIES, rounds: Number(rounds) });
      yield* await reportTimes(scope, Number(calls));
    } finally {
      await scope.close();
    }
  },
};
