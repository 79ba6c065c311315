import type { Registry } from '../../libs/telemetry/metrics.ts';
import { PROBE_FIGURES } from '../../services/collector/node-figures.ts';

interface Described {
  name: string;
  help: string;
  type: string;
  labels: readonly string[];
}

/** docs/metrics.md: what each service shows at /metrics, from what it registers; what several show stands there once. */
export function metricsPage(registries: ReadonlyMap<string, Registry>): string {
  const found = new Map<string, { metric: Described; services: string[] }>();
  for (const [service, registry] of registries)
    for (const metric of describe(registry)) {
      const known = found.get(metric.name) ?? { metric, services: [] };
      known.services.push(service);
      found.set(metric.name, known);
    }
  const sections = Map.groupBy(found.values(), ({ services }) => services.join(', '));
  const widestFirst = [...sections].toSorted(([, a], [, b]) => widthOf(b) - widthOf(a));
  return [
    HEAD,
    ...widestFirst.flatMap(([services, entries]) => [
      `## ${services}\n`,
      ...tableOf(entries.map(({ metric }) => metric)),
    ]),
    PROBE_HEAD,
    ...tableOf(
      PROBE_FIGURES.map(({ name, help, kind = 'gauge' }) => ({ name, help, type: kind, labels: [] })),
    ),
  ].join('\n');
}

function widthOf([first]: readonly { services: string[] }[]): number {
  return first?.services.length ?? 0;
}

/** The metrics of a registry, by name. */
function describe(registry: Registry): Described[] {
  const known = registry.getMetricsAsArray() as unknown as (Described & { labelNames: string[] })[];
  return known
    .map(({ name, help, type, labelNames }) => ({ name, help, type, labels: labelNames }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function tableOf(metrics: readonly Described[]): string[] {
  const rows = metrics.map(
    ({ name, type, labels, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${help.replaceAll('|', '\\|')} |`,
  );
  return ['| metric | kind | labels | meaning |', '|---|---|---|---|', ...rows, ''];
}

const HEAD = `# Metrics

This page is made from what the services register: \`node checks/metrics/write-page.ts\` writes it, and a test fails when it is old.

Every service answers \`/metrics\` on its port ([ports](operations.md#health)) without a password: keep the ports to your own network. Every series has the label
\`service\`. Units are seconds, bytes and ratios from 0 to 1; counters end in \`_total\`. Labels whose values others choose are bounded: of tenants 200, trunks 100,
pairs of them 500, nodes at \`cdr\` 1,000; later ones are counted together as \`other\`. There is never a series for a call, a number or a registration. A figure that
nobody could tell (PostgreSQL, Kafka or a Kamailio did not answer in time) is left out of the answer.

In standalone all services are in one process: the ports stay, and what belongs to the process, the bus and the pools is seen at the api's \`/metrics\`.

Rules and dashboards that use them: \`integrations/prometheus\`, [the alerts' pages](runbooks).
`;

const PROBE_HEAD = `## /probe?target=NODE at the collector

One node as the exporters for FreeSWITCH show it, from memory, for dashboards and rules that exist. The collector that follows the node answers; any other one answers 404.
With \`freeswitch_info{version}\`.
`;
