import { type Figure, median, percentile } from '../figure.ts';
import type { Api } from './api-process.ts';
import type { StoredMonth } from './stored-month.ts';

/** The same things asked of the api and in plain SQL, in turn. */
interface Questions {
  name: string;
  /** words to ask for, all different */
  words: readonly string[];
  path: (word: string) => string;
  sql: string;
}

const COLUMNS = `id, start_at, answer_at, end_at, state, tenant, domain, direction, caller, callee, did, trunk, nodes, legs, duration, billsec, pdd_ms, hangup_cause, disposition, mos`;

/** p95 of searches by number and by Call-ID, over HTTP; beside it, the same in plain SQL on one connection. */
export async function searchTimes(api: Api, month: StoredMonth, rounds: number): Promise<Figure[]> {
  const { read } = month.database;
  const numbers = await read.query<{ word: string }>(
    `select distinct caller as word from calls tablesample bernoulli (0.5) limit $1`,
    [rounds * 100],
  );
  const callIds = await read.query<{ word: string }>(
    `select sip_call_id as word from legs tablesample bernoulli (0.5) where sip_call_id is not null limit $1`,
    [rounds * 100],
  );
  return [
    await p95(api, month, {
      name: 'api.search_number_p95_ms',
      words: numbers.rows.map(({ word }) => word),
      path: (word) => `/v1/calls?number=${encodeURIComponent(word)}`,
      sql: `select ${COLUMNS} from calls where (caller = $1 or callee = $1 or did = $1) and merged_into is null order by start_at desc limit 50`,
    }),
    await p95(api, month, {
      name: 'api.search_callid_p95_ms',
      words: callIds.rows.map(({ word }) => word),
      path: (word) => `/v1/calls?sip_call_id=${encodeURIComponent(word)}`,
      sql: `select ${COLUMNS} from calls where id in (select call_id from legs where sip_call_id = $1) and merged_into is null order by start_at desc limit 50`,
    }),
  ];
}

/**
 * p95 of the counts beside a search: of everything, of which the newest 10,000 calls count, of one number, and of a cause that no
 * index leads to and few calls have. Beside it, the newest 10,000 rows read in plain SQL.
 */
export async function facetTime(api: Api, { database }: StoredMonth, rounds: number): Promise<Figure> {
  const { rows: rare } = await database.read.query<{ word: string }>(
    `select hangup_cause as word from calls tablesample system (1) where hangup_cause is not null group by 1 order by count(*) limit 1`,
  );
  const queries = [
    '',
    `?hangup_cause=${rare[0]?.word ?? ''}`,
    '?number=%2B49307919',
    '?disposition=answered&min_billsec=1',
  ];
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds * 5; round += 1) {
    const began = performance.now();
    await database.read.query(
      `select ${COLUMNS} from calls where merged_into is null order by id desc limit 10001`,
    );
    theirs.push(performance.now() - began);
    for (const query of queries) ours.push(await api.timeOf(`/v1/calls/facets${query}`));
  }
  return beside({
    name: 'api.facets_p95_ms',
    value: percentile(ours, 0.95),
    baseline: percentile(theirs, 0.95),
    unit: 'ms',
    better: 'lower',
  });
}

async function p95(
  api: Api,
  { database }: StoredMonth,
  { name, words, path, sql }: Questions,
): Promise<Figure> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  const [first = ''] = words;
  const found = (await api.json(path(first)))['items'];
  if (!Array.isArray(found) || found.length === 0) throw new Error(`${name}: nothing is found of ${first}`);
  for (const word of words) {
    const began = performance.now();
    await database.read.query(sql, [word]);
    theirs.push(performance.now() - began);
    ours.push(await api.timeOf(path(word)));
  }
  return beside({
    name,
    value: percentile(ours, 0.95),
    baseline: percentile(theirs, 0.95),
    unit: 'ms',
    better: 'lower',
  });
}

const KPI_SQL = `select trunk, sum(attempts), sum(answered), round(100.0 * sum(answered) / sum(attempts), 2), sum(minutes)
  from report.traffic_hourly where hour >= $1 and hour < $2 group by 1 order by 2 desc`;

/** A month of figures by trunk; beside it, the same of the view in plain SQL. */
export async function kpiTime(
  api: Api,
  { database, fromUs, toUs }: StoredMonth,
  rounds: number,
): Promise<Figure> {
  const [from, to] = [fromUs, toUs].map((us) => new Date(us / 1000).toISOString());
  const path = `/v1/reports/kpis?by=trunk&from=${from}&to=${to}`;
  const lines = (await api.json(path))['items'];
  if (!Array.isArray(lines) || lines.length < 3) throw new Error('the report has no trunks');
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds * 3; round += 1) {
    const began = performance.now();
    await database.read.query(KPI_SQL, [from, to]);
    theirs.push(performance.now() - began);
    ours.push(await api.timeOf(path));
  }
  return beside({
    name: 'api.kpi_month_by_trunk_ms',
    value: median(ours),
    baseline: median(theirs),
    unit: 'ms',
    better: 'lower',
  });
}

/** A figure with what it was measured against. */
export function beside(measured: Omit<Figure, 'ratio'> & { baseline: number }): Figure {
  const round = (value: number) => Number(value.toPrecision(4));
  const { value, baseline } = measured;
  return { ...measured, value: round(value), baseline: round(baseline), ratio: round(value / baseline) };
}
