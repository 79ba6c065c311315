import { Counter, Gauge, type Registry } from 'prom-client';
import type { LoadBoard } from '../../libs/routing/load/load-board.ts';
import type { RoutingModel } from '../../libs/routing/routing-model.ts';
import type { Admission } from './admission.ts';

/** What routing counts. */
export interface RoutingMetrics {
  /** Gives a lookup its counter: called with the result of each answer. */
  counterOf(lookup: string): (result: 'route' | 'reject') => void;
  degraded: Counter;
  refused: Counter<'reason'>;
  loads: Counter<'outcome'>;
}

export interface RoutingFigures {
  model: () => RoutingModel;
  board: LoadBoard;
  admission: Admission;
  nowUs: () => number;
}

/** Registers the figures; the model, the board and the admission are asked when somebody looks. */
export function createRoutingMetrics(metrics: Registry, figures: RoutingFigures): RoutingMetrics {
  const registers = [metrics];
  showModel(metrics, figures.model);
  showLoad(metrics, figures);
  return {
    counterOf: countAnswers(metrics),
    degraded: new Counter({
      name: 'switchfleet_routing_degraded_total',
      help: 'Answers by the last known load, because no node of the set had a fresh heartbeat',
      registers,
    }),
    refused: new Counter({
      name: 'switchfleet_routing_refused_total',
      help: 'Lookups answered 503 at once, by reason',
      labelNames: ['reason'],
      registers,
    }),
    loads: new Counter({
      name: 'switchfleet_routing_load_records_total',
      help: 'Records of node load by what became of them',
      labelNames: ['outcome'],
      registers,
    }),
  };
}

/** Counted in plain numbers: a labelled counter of the library would cost a tenth of an answer. */
function countAnswers(metrics: Registry): RoutingMetrics['counterOf'] {
  const counts: { lookup: string; route: number; reject: number }[] = [];
  new Counter({
    name: 'switchfleet_routing_answers_total',
    help: 'Lookups answered, by what was asked and by result',
    labelNames: ['lookup', 'result'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { lookup, route, reject } of counts) {
        this.inc({ lookup, result: 'route' }, route);
        this.inc({ lookup, result: 'reject' }, reject);
      }
    },
  });
  return (lookup) => {
    const count = { lookup, route: 0, reject: 0 };
    counts.push(count);
    return (result) => {
      count[result] += 1;
    };
  };
}

function showModel(metrics: Registry, model: () => RoutingModel): void {
  new Gauge({
    name: 'switchfleet_routing_rows',
    help: 'What is held in memory, by kind',
    labelNames: ['kind'],
    registers: [metrics],
    collect() {
      const { dids, trunkRoutes, users, registrations } = model();
      this.set({ kind: 'did' }, dids.size);
      this.set({ kind: 'trunk-route' }, trunkRoutes.size);
      this.set({ kind: 'user' }, users.size);
      this.set({ kind: 'registration' }, registrations.size);
    },
  });
}

function showLoad(metrics: Registry, { board, admission, nowUs }: RoutingFigures): void {
  new Gauge({
    name: 'switchfleet_routing_heartbeat_age_seconds',
    help: 'Age of the last heartbeat of each node, from its receipt at the collector',
    labelNames: ['node'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { node, heartbeat_us: at } of board.loads()) {
        if (at !== null) this.set({ node }, Math.max(0, nowUs() - at) / 1_000_000);
      }
    },
  });
  new Gauge({
    name: 'switchfleet_routing_event_loop_delay_seconds',
    help: 'How late the event loop was last',
    registers: [metrics],
    collect() {
      this.set(admission.delayMs / 1000);
    },
  });
}
