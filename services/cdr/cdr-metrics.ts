import { Counter, Gauge, type Registry } from 'prom-client';
import { DurationFigures, type DurationFiguresOptions } from '../../libs/http/duration-figures.ts';
import { boundedNames } from '../../libs/telemetry/bounded-names.ts';
import type { Gate } from './gate.ts';

/** Nodes that have a series of their own; the shared credential lets a post name any. */
const NODES = 1_000;

export type CdrMetrics = ReturnType<typeof createCdrMetrics>;

export function createCdrMetrics(metrics: Registry, gate: Gate) {
  const registers = [metrics];
  new Gauge({
    name: 'switchfleet_cdr_in_flight',
    help: 'Posts under way, and the bytes of their bodies',
    labelNames: ['of'] as const,
    registers,
    collect() {
      this.set({ of: 'posts' }, gate.posts);
      this.set({ of: 'bytes' }, gate.bytes);
    },
  });
  return {
    durable: countByNode(metrics),
    posted: countPosts(metrics),
    parseSeconds: durations(metrics, {
      name: 'switchfleet_cdr_parse_seconds',
      help: 'Time until one body was parsed, the wait for the parser included',
      buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25],
    }),
    publishSeconds: durations(metrics, {
      name: 'switchfleet_cdr_publish_seconds',
      help: 'Time until a record was durable',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    }),
  };
}

/** Gives a function that takes one duration, from `performance.now()` of its beginning until now. */
function durations(
  metrics: Registry,
  options: Omit<DurationFiguresOptions, 'labelNames'>,
): (beganMs: number) => void {
  const figures = new DurationFigures({ ...options, labelNames: [] });
  figures.register(metrics);
  return (beganMs) => figures.observe('', [], (performance.now() - beganMs) / 1000);
}

/** Gives a function that counts a post by what became of it, and why. Reasons are codes of ours: they are few. */
function countPosts(metrics: Registry): (outcome: string, reason: string) => void {
  const counts = new Map<string, { outcome: string; reason: string; count: number }>();
  new Counter({
    name: 'switchfleet_cdr_posts_total',
    help: 'CDR posts by outcome: accepted, rejected (kept whole as unreadable), unavailable, overloaded',
    labelNames: ['outcome', 'reason'] as const,
    registers: [metrics],
    collect() {
      this.reset();
      for (const { outcome, reason, count } of counts.values()) this.inc({ outcome, reason }, count);
    },
  });
  return (outcome, reason) => {
    const key = `${outcome} ${reason}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { outcome, reason, count: 1 });
    else known.count += 1;
  };
}

/** Gives a function that counts a durable CDR of a node. */
function countByNode(metrics: Registry): (node: string | null) => void {
  const nodeOf = boundedNames(NODES);
  const counts = new Map<string, number>();
  new Counter({
    name: 'switchfleet_cdr_node_posts_total',
    help: 'CDRs that became durable, or the bytes of unreadable ones, by the node that sent them',
    labelNames: ['node'] as const,
    registers: [metrics],
    collect() {
      this.reset();
      for (const [node, count] of counts) this.inc({ node }, count);
    },
  });
  return (name) => {
    const node = nodeOf(name);
    counts.set(node, (counts.get(node) ?? 0) + 1);
  };
}
