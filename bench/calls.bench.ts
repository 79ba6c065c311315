import { collectorCpuPerEvent } from './calls/collector-cpu.ts';
import type { Bench, Figure } from './figure.ts';
import { Scope } from './main/scope.ts';

const ROUNDS = 5;
const EVENT_CALLS = 1_500;

/** The collector and the merger, on clones of recorded calls. `--rounds N` changes how often the comparisons are made. */
export const bench: Bench = {
  name: 'calls',
  description: 'the collector: CPU for an event, from the socket to Kafka, against bare modesl',
  async *run({ rounds = String(ROUNDS) }): AsyncIterable<Figure> {
    const scope = new Scope();
    try {
      yield await collectorCpuPerEvent(scope, { calls: EVENT_CALLS, rounds: Number(rounds) });
    } finally {
      await scope.close();
    }
  },
};
