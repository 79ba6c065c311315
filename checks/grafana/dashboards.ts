/** A panel: what it is called, in what unit, and its queries with their legends. */
interface Panel {
  title: string;
  unit: string;
  queries: readonly (readonly [expr: string, legend: string])[];
}

interface Dashboard {
  file: string;
  title: string;
  variables: readonly (readonly [name: string, query: string])[];
  panels: readonly Panel[];
}

const panel = (title: string, unit: string, ...queries: Panel['queries']): Panel => ({
  title,
  unit,
  queries,
});
const NODE = ['node', 'label_values(switchfleet_node_up, node)'] as const;
const TENANT = ['tenant', 'label_values(switchfleet_calls_total, tenant)'] as const;
const TRUNK = ['trunk', 'label_values(switchfleet_calls_total, trunk)'] as const;

/** `$__rate_interval` and the variables are Grafana's. */
export const DASHBOARDS: readonly Dashboard[] = [
  {
    file: 'fleet.json',
    title: 'switchfleet: Fleet',
    variables: [NODE],
    panels: [
      panel(
        'Nodes up',
        'short',
        ['sum(max by (node) (switchfleet_node_up{node=~"$node"}))', 'up'],
        ['count(count by (node) (switchfleet_node_up{node=~"$node"}))', 'followed'],
      ),
      panel('Channels', 'short', ['max by (node) (switchfleet_node_sessions{node=~"$node"})', '{{node}}']),
      panel('Share of max-sessions', 'percentunit', [
        'max by (node) (switchfleet_node_sessions{node=~"$node"} / switchfleet_node_sessions_max{node=~"$node"})',
        '{{node}}',
      ]),
      panel('Channels begun', 'ops', [
        'max by (node) (rate(switchfleet_node_sessions_total{node=~"$node"}[$__rate_interval]))',
        '{{node}}',
      ]),
      panel('Calls', 'short', ['max by (node) (switchfleet_node_calls{node=~"$node"})', '{{node}}']),
      panel('Registrations', 'short', [
        'max by (node) (switchfleet_node_registrations{node=~"$node"})',
        '{{node}}',
      ]),
      panel('Processor idle', 'percentunit', [
        'max by (node) (switchfleet_node_idle_cpu_ratio{node=~"$node"})',
        '{{node}}',
      ]),
      panel('Heartbeat age', 's', [
        'min by (node) (switchfleet_node_heartbeat_age_seconds{node=~"$node"})',
        '{{node}}',
      ]),
      panel('Clock offset', 's', [
        'max by (node) (switchfleet_node_clock_offset_seconds{node=~"$node"})',
        '{{node}}',
      ]),
      panel(
        'Legs ended and CDRs',
        'ops',
        [
          'sum by (node) (rate(switchfleet_node_legs_ended_total{node=~"$node"}[$__rate_interval]))',
          '{{node}} legs',
        ],
        [
          'sum by (node) (rate(switchfleet_cdr_node_posts_total{node=~"$node"}[$__rate_interval]))',
          '{{node}} CDRs',
        ],
      ),
      panel('Uptime', 's', ['max by (node) (switchfleet_node_uptime_seconds{node=~"$node"})', '{{node}}']),
    ],
  },
  {
    file: 'edges.json',
    title: 'switchfleet: Edges',
    variables: [],
    panels: [
      panel('Requests', 'reqps', [
        'sum by (service, status) (rate(switchfleet_http_requests_total{route!~"/health/.*|/metrics"}[$__rate_interval]))',
        '{{service}} {{status}}',
      ]),
      panel('Time of an answer, 99 %', 's', [
        'histogram_quantile(0.99, sum by (service, le) (rate(switchfleet_http_request_duration_seconds_bucket{route!~"/health/.*|/metrics"}[$__rate_interval])))',
        '{{service}}',
      ]),
      panel('CDR posts by outcome', 'ops', [
        'sum by (outcome) (rate(switchfleet_cdr_posts_total[$__rate_interval]))',
        '{{outcome}}',
      ]),
      panel('Time until a CDR is durable, 99 %', 's', [
        'histogram_quantile(0.99, sum by (le) (rate(switchfleet_cdr_publish_seconds_bucket[$__rate_interval])))',
        'cdr',
      ]),
      panel('Event loop, 99 %', 's', [
        'max by (service) (switchfleet_event_loop_delay_p99_seconds)',
        '{{service}}',
      ]),
      panel('Processor', 'percentunit', [
        'sum by (service) (rate(process_cpu_seconds_total[$__rate_interval]))',
        '{{service}}',
      ]),
      panel('Memory', 'bytes', ['max by (service) (process_resident_memory_bytes)', '{{service}}']),
      panel('Age of the configuration', 's', [
        'max by (service) (switchfleet_snapshot_age_seconds)',
        '{{service}}',
      ]),
      panel('Ready', 'short', ['min by (service) (switchfleet_ready)', '{{service}}']),
    ],
  },
  {
    file: 'pipeline.json',
    title: 'switchfleet: Pipeline',
    variables: [],
    panels: [
      panel('Published', 'ops', [
        'sum by (topic) (rate(switchfleet_bus_published_total[$__rate_interval]))',
        '{{topic}}',
      ]),
      panel('Time until durable, 99 %', 's', [
        'histogram_quantile(0.99, sum by (service, le) (rate(switchfleet_bus_publish_seconds_bucket[$__rate_interval])))',
        '{{service}}',
      ]),
      panel('Lag', 's', ['max by (group) (switchfleet_group_lag_seconds)', '{{group}}']),
      panel('Records to apply', 'short', [
        'sum by (group) (max by (group, topic) (switchfleet_group_lag_records))',
        '{{group}}',
      ]),
      panel('Applied', 'ops', [
        'sum by (group) (rate(switchfleet_bus_applied_total[$__rate_interval]))',
        '{{group}}',
      ]),
      panel('Waiting to be durable', 'bytes', [
        'max by (service) (switchfleet_bus_waiting_bytes)',
        '{{service}}',
      ]),
      panel('Rows stored', 'ops', [
        'sum by (table) (rate(switchfleet_writer_rows_total[$__rate_interval]))',
        '{{table}}',
      ]),
      panel(
        'Time of a batch, 99 %',
        's',
        [
          'histogram_quantile(0.99, sum by (le) (rate(switchfleet_writer_batch_seconds_bucket[$__rate_interval])))',
          'writer',
        ],
        [
          'histogram_quantile(0.99, sum by (le) (rate(switchfleet_merger_batch_seconds_bucket[$__rate_interval])))',
          'merger',
        ],
      ),
      panel('Events received', 'ops', [
        'sum by (node) (rate(switchfleet_collector_events_total[$__rate_interval]))',
        '{{node}}',
      ]),
    ],
  },
  {
    file: 'quality.json',
    title: 'switchfleet: Quality and traffic',
    variables: [TENANT, TRUNK],
    panels: [
      panel('Calls that ended', 'cpm', [
        '60 * sum by (tenant) (rate(switchfleet_calls_total{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval]))',
        '{{tenant}}',
      ]),
      panel('Answered (ASR)', 'percentunit', [
        'sum by (trunk) (rate(switchfleet_calls_answered_total{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval])) / sum by (trunk) (rate(switchfleet_calls_total{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval]))',
        '{{trunk}}',
      ]),
      panel('Minutes of talk in a minute', 'short', [
        'sum by (tenant) (rate(switchfleet_call_talk_seconds_total{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval]))',
        '{{tenant}}',
      ]),
      panel('Hangup causes', 'cpm', [
        '60 * sum by (cause) (rate(switchfleet_call_hangup_causes_total{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval]))',
        '{{cause}}',
      ]),
      panel('Post-dial delay, 95 %', 's', [
        'histogram_quantile(0.95, sum by (le) (rate(switchfleet_call_pdd_seconds_bucket{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval])))',
        'PDD',
      ]),
      panel('MOS, mean', 'short', [
        'sum(rate(switchfleet_call_mos_sum{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval])) / sum(rate(switchfleet_call_mos_count{tenant=~"$tenant",trunk=~"$trunk"}[$__rate_interval]))',
        'MOS',
      ]),
    ],
  },
  {
    file: 'stores.json',
    title: 'switchfleet: PostgreSQL and Kafka',
    variables: [],
    panels: [
      panel('PostgreSQL answers', 'short', ['min by (service) (switchfleet_database_up)', '{{service}}']),
      panel('Connections', 'short', [
        'sum by (service, state) (switchfleet_database_connections)',
        '{{service}} {{state}}',
      ]),
      panel('Partitions reach for', 's', [
        'min by (table) (switchfleet_partition_covered_until_timestamp_seconds) - time()',
        '{{table}}',
      ]),
      panel('Rows in default partitions', 'short', [
        'max by (table) (switchfleet_partition_stray_rows)',
        '{{table}}',
      ]),
      panel('The bus answers', 'short', ['min by (service) (switchfleet_bus_up)', '{{service}}']),
      panel('Rejoins', 'short', [
        'sum by (group) (increase(switchfleet_bus_rejoins_total[1h]))',
        '{{group}}',
      ]),
    ],
  },
];

const [WIDTH, HEIGHT] = [12, 8];

/** A dashboard as Grafana reads it (schema 39); its data source is a variable, so that any Prometheus will do. */
export function dashboardJson({ title, variables, panels }: Dashboard): string {
  const datasource = { type: 'prometheus', uid: '$' + '{datasource}' };
  const list = variables.map(([name, query]) => ({
    ...{ name, type: 'query', datasource, query, definition: query, refresh: 2 },
    ...{ includeAll: true, multi: true, allValue: '.*', current: { text: 'All', value: '$__all' } },
  }));
  const dashboard = {
    uid: title.toLowerCase().replace(/[^a-z]+/g, '-'),
    ...{ title, tags: ['switchfleet'], schemaVersion: 39, editable: true, refresh: '30s', timezone: 'utc' },
    time: { from: 'now-3h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }, ...list],
    },
    panels: panels.map((panel, at) => ({
      ...{ id: at + 1, type: 'timeseries', title: panel.title, datasource },
      gridPos: { x: (at % 2) * WIDTH, y: Math.floor(at / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
      fieldConfig: { defaults: { unit: panel.unit, min: 0 }, overrides: [] },
      targets: panel.queries.map(([expr, legendFormat], index) => ({
        ...{ refId: String.fromCharCode(65 + index), expr, legendFormat, datasource },
      })),
    })),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}
