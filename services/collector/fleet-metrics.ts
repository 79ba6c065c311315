import { Counter, Gauge, Registry } from 'prom-client';
import { boundedNames } from '../../libs/telemetry/bounded-names.ts';
import { isUp, NODE_FIGURES, type NodeFigure, type NodeReading, PROBE_FIGURES } from './node-figures.ts';

type Readings = () => Promise<readonly NodeReading[]>;

/** Trunks of a node that have a series of their own. */
const TRUNKS = 200;

/** Registers the figures of the nodes that this collector follows, by node; they are asked for when somebody looks. */
export function showFleet(metrics: Registry, readings: Readings): void {
  for (const figure of NODE_FIGURES) showFigure(metrics, figure, readings, ['node']);
  new Gauge({
    name: 'switchfleet_node_info',
    help: "Always 1; the node's FreeSWITCH version is a label",
    labelNames: ['node', 'version'],
    registers: [metrics],
    async collect() {
      this.reset();
      for (const { node, load } of (await readings()).filter(isUp))
        if (load.version !== null) this.set({ node, version: load.version }, 1);
    },
  });
  const trunkOf = boundedNames(TRUNKS);
  new Gauge({
    name: 'switchfleet_node_trunk_sessions',
    help: 'Channels that live on the node, by trunk',
    labelNames: ['node', 'trunk'],
    registers: [metrics],
    async collect() {
      this.reset();
      for (const { node, load } of (await readings()).filter(isUp))
        for (const [trunk, sessions] of Object.entries(load.trunks))
          this.inc({ node, trunk: trunkOf(trunk) }, sessions);
    },
  });
}

/** What an exporter for one node would show, as text in Prometheus' format. */
export async function probeText(reading: NodeReading): Promise<{ contentType: string; text: string }> {
  const registry = new Registry();
  const readings = async () => [reading];
  for (const figure of PROBE_FIGURES) showFigure(registry, figure, readings, []);
  if (isUp(reading) && reading.load.version !== null) {
    new Gauge({
      name: 'freeswitch_info',
      help: 'FreeSWITCH version',
      labelNames: ['version'],
      registers: [registry],
    }).set({ version: reading.load.version }, 1);
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** Without labels `reset` would leave a 0: unknown is not 0. */
function showFigure(
  metrics: Registry,
  { name, help, kind, isOfAbsent = false, read }: NodeFigure,
  readings: Readings,
  labelNames: string[],
): void {
  const values = async () =>
    (await readings())
      .filter((reading) => isOfAbsent || isUp(reading))
      .flatMap((reading) => {
        const value = read(reading) ?? undefined;
        const labels: Record<string, string> = labelNames.length === 0 ? {} : { node: reading.node };
        return value === undefined ? [] : [{ labels, value }];
      });
  const options = { name, help, labelNames, registers: [metrics] };
  if (kind === 'counter') {
    new Counter({
      ...options,
      async collect() {
        const known = await values();
        if (labelNames.length === 0) this.remove();
        else this.reset();
        for (const { labels, value } of known) this.inc(labels, value);
      },
    });
  } else {
    new Gauge({
      ...options,
      async collect() {
        const known = await values();
        if (labelNames.length === 0) this.remove();
        else this.reset();
        for (const { labels, value } of known) this.set(labels, value);
      },
    });
  }
}
