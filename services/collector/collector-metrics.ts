import { Counter, Gauge, type Registry } from 'prom-client';
import { NODE_STATES, type NodeState } from '../../libs/records/node-event.ts';

export interface CollectorMetrics {
  event(node: string): void;
  /** a leg said its last word: a CDR of it should come */
  legEnded(node: string): void;
  dropped(node: string, eventName: string): void;
  fault(node: string): void;
  resync(node: string): void;
  resyncFailure(node: string): void;
  published(topic: string, records: number): void;
  failure(topic: string): void;
  command(command: string, succeeded: boolean): void;
  state(node: string, state: NodeState | undefined): void;
  offset(node: string, us: number | undefined): void;
}

/** What is read at each scrape. */
export interface Readings {
  /** records that are not durable yet */
  waiting: () => number;
  waitingBytes: () => number;
  /** age of the oldest of them, seconds */
  lagSeconds: () => number;
  /** seconds since the last heartbeat of each followed node that sent one */
  heartbeatAges: () => Iterable<readonly [node: string, seconds: number]>;
}

/** Registers the collector's figures. */
export function createCollectorMetrics(metrics: Registry, readings: Readings): CollectorMetrics {
  const registers = [metrics];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name: `switchfleet_collector_${name}`, help, labelNames, registers });
  const events = counter('events_total', 'Events received from a node', ['node']);
  const ended = new Counter({
    name: 'switchfleet_node_legs_ended_total',
    help: 'Legs that ended on a node, as its events say: each should send a CDR',
    labelNames: ['node'],
    registers,
  });
  const dropped = counter('events_dropped_total', 'Events dropped because the outbox was full', [
    'node',
    'event',
  ]);
  const faults = counter('events_unreadable_total', 'Events lost because they could not be read', ['node']);
  const resyncs = counter('resyncs_total', 'Snapshots of the channels of a node', ['node']);
  const resyncFailures = counter(
    'resync_failures_total',
    'Snapshots that a node did not give; it is asked again',
    ['node'],
  );
  const published = counter('records_published_total', 'Records that became durable', ['topic']);
  const failures = counter('publish_failures_total', 'Publishes that failed and were repeated', ['topic']);
  const commands = counter('node_commands_total', 'Commands to nodes that were run', ['command', 'outcome']);
  const states = new Gauge({
    name: 'switchfleet_node_state',
    help: '1 for the state that a followed node is in',
    labelNames: ['node', 'state'],
    registers,
  });
  const offsets = new Gauge({
    name: 'switchfleet_node_clock_offset_seconds',
    help: "A node's clock minus ours",
    labelNames: ['node'],
    registers,
  });
  showReadings(registers, readings);
  return {
    event: (node) => events.inc({ node }),
    legEnded: (node) => ended.inc({ node }),
    dropped: (node, event) => dropped.inc({ node, event }),
    fault: (node) => faults.inc({ node }),
    resync: (node) => resyncs.inc({ node }),
    resyncFailure: (node) => resyncFailures.inc({ node }),
    published: (topic, records) => published.inc({ topic }, records),
    failure: (topic) => failures.inc({ topic }),
    command: (command, succeeded) => commands.inc({ command, outcome: succeeded ? 'succeeded' : 'failed' }),
    state: (node, state) => {
      for (const name of NODE_STATES) {
        if (state === undefined) states.remove({ node, state: name });
        else states.set({ node, state: name }, name === state ? 1 : 0);
      }
      if (state === undefined) offsets.remove({ node });
    },
    offset: (node, us) => {
      if (us !== undefined) offsets.set({ node }, us / 1_000_000);
    },
  };
}

function showReadings(
  registers: Registry[],
  { waiting, waitingBytes, lagSeconds, heartbeatAges }: Readings,
): void {
  new Gauge({
    name: 'switchfleet_collector_outbox_records',
    help: 'Records that are not durable yet',
    registers,
    collect() {
      this.set(waiting());
    },
  });
  new Gauge({
    name: 'switchfleet_collector_outbox_bytes',
    help: 'Memory that they take, about',
    registers,
    collect() {
      this.set(waitingBytes());
    },
  });
  new Gauge({
    name: 'switchfleet_collector_outbox_lag_seconds',
    help: 'How long the oldest record has waited to be durable',
    registers,
    collect() {
      this.set(lagSeconds());
    },
  });
  new Gauge({
    name: 'switchfleet_node_heartbeat_age_seconds',
    help: 'Time since the last heartbeat of a followed node',
    labelNames: ['node'],
    registers,
    collect() {
      this.reset();
      for (const [node, seconds] of heartbeatAges()) this.set({ node }, seconds);
    },
  });
}
