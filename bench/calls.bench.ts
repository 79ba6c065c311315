import { collectorCpuPerEvent } from './calls/collector-cpu.ts';
import { liveLoad } from './calls/live-load.ts';
import { mergerRecords } from './calls/merger-records.ts';
import { reportTimes } from './calls/report-time.ts';
import { wholeCalls } from './calls/whole-calls.ts';
import type { Bench, Figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const ROUNDS = 5;
const EVENT_CALLS = 1_500;
const WHOLE_CALLS = 700;
const COPIES = 60;
const CALLS = 1_000_000;
const CPS = 100;
const SECONDS = 30;

interface Options {
  rounds: number;
  calls: number;
  seconds: number;
}

type Part = (scope: Scope, options: Options) => Promise<Figure[]>;

/** Each in a scope of its own: nothing of one is up while another is measured. */
const PARTS: Readonly<Record<string, Part>> = {
  collector: async (scope, { rounds }) => [await collectorCpuPerEvent(scope, { calls: EVENT_CALLS, rounds })],
  merger: (scope, { rounds }) => mergerRecords(scope, { copies: COPIES, rounds }),
  whole: async (scope, { rounds }) => [await wholeCalls(scope, { calls: WHOLE_CALLS, rounds })],
  live: (scope, { seconds }) => liveLoad(scope, { cps: CPS, seconds }),
  reports: (scope, { calls }) => reportTimes(scope, calls),
};

/**
 * The collector and the merger, on clones of recorded calls, and reports over a month of `--calls N` (1,000,000) calls,
 * which is kept in .cache for the next run. `--rounds N` changes how often figures are measured, `--part NAME` measures
 * one of collector, merger, whole, live and reports; `--seconds N` says for how long calls begin in `live` (30): memory that
 * is flat shows in minutes.
 */
export const bench: Bench = {
  name: 'calls',
  description:
    'collector and merger: CPU, records and calls a second, delay, memory; reports over a month of calls',
  async *run({
    rounds = String(ROUNDS),
    calls = String(CALLS),
    seconds = String(SECONDS),
    part,
  }): AsyncIterable<Figure> {
    const options = { rounds: Number(rounds), calls: Number(calls), seconds: Number(seconds) };
    for (const [name, measure] of Object.entries(PARTS)) {
      if (part !== undefined && part !== name) continue;
      const scope = new Scope();
      try {
        yield* await measure(scope, options);
      } finally {
        await scope.close();
      }
    }
  },
};
