import { SAME_LEG_US } from '../../../../../libs/calls/history.ts';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { CdrRejection } from '../../../../../libs/freeswitch/cdr/cdr-rejection.ts';
import { rejected } from '../../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { createReparse, publishCdrs, type Reparse } from '../../../../../libs/freeswitch/cdr/reparse.ts';
import type { CdrRecord } from '../../../../../libs/records/cdr-record.ts';
import { areKnown } from '../../../../../libs/store/stored-cdr.sql.ts';
import type { CommandContext } from '../../../command-context.ts';
import { createProgress } from '../../../progress.ts';
import { createRecentKeys, type RecentKeys } from '../recent-keys.ts';
import { type Store, withStore } from '../with-bus.ts';
import { csvRows } from './csv-rows.ts';
import { fits, type HistoryMap, readHistoryMap } from './history-map.ts';
import { bodiesOf, type HistoryRow, type RowOptions } from './row-document.ts';
import { tableRows } from './table-rows.ts';
import { type Zone, zoneOf } from './timestamp.ts';

export interface HistoryOptions {
  csv?: string;
  postgres?: string;
  table?: string;
  map?: string;
  node?: string;
  timeZone: string;
}

interface HistoryReport {
  imported: number;
  duplicate: number;
  rejected: number;
}

const TOGETHER = 200;

/** Imports the history of another system: what is stored already stays as it is. @throws CodedError `value-refused`, those of the parts */
export async function importHistory(context: CommandContext, options: HistoryOptions): Promise<void> {
  if (options.map === undefined) throw new CodedError('value-refused', '--map is missing');
  const map = await readHistoryMap(options.map);
  const rows = rowsOf(map, options);
  const row: RowOptions = { map, node: options.node, zone: checkZone(options.timeZone) };
  const report = await withStore(context, (store) =>
    importRows(rows, row, { store, reparse: createReparse(context.config), taken: createRecentKeys() }),
  );
  context.output.result(describe(report), { ...report });
}

function describe({ imported, duplicate, rejected: kept }: HistoryReport): string {
  return `imported ${imported}, duplicate ${duplicate}, rejected ${kept}`;
}

function rowsOf(map: HistoryMap, { csv, postgres, table }: HistoryOptions): AsyncGenerator<HistoryRow> {
  if (csv !== undefined) return csvRows(csv, map.header);
  if (postgres === undefined || table === undefined)
    throw new CodedError('value-refused', '--table is missing');
  return tableRows(postgres, table);
}

function checkZone(zone: string): Zone {
  try {
    return zoneOf(zone);
  } catch {
    throw new CodedError('value-refused', `--time-zone ${JSON.stringify(zone)} must look like Europe/Berlin`);
  }
}

interface Tools {
  store: Store;
  reparse: Reparse;
  /** legs of this run: the writer may not have stored them yet */
  taken: RecentKeys;
}

async function importRows(
  rows: AsyncGenerator<HistoryRow>,
  options: RowOptions,
  tools: Tools,
): Promise<HistoryReport> {
  const report: HistoryReport = { imported: 0, duplicate: 0, rejected: 0 };
  const progress = createProgress(process.stderr);
  let group: HistoryRow[] = [];
  let done = 0;
  const finish = async () => {
    await importGroup(group, options, { ...tools, report });
    done += group.length;
    group = [];
    progress.show(done, done, `rows: ${describe(report)}`);
  };
  let isChecked = false;
  try {
    for await (const row of rows) {
      if (!isChecked) isChecked = fits(options.map, row);
      if (group.push(row) >= TOGETHER) await finish();
    }
    await finish();
  } catch (error) {
    if (done > 0) process.stderr.write(`switchfleet: until then ${describe(report)}\n`);
    throw error;
  }
  progress.end();
  return report;
}

async function importGroup(
  group: readonly HistoryRow[],
  options: RowOptions,
  { store, reparse, taken, report }: Tools & { report: HistoryReport },
): Promise<void> {
  const receivedUs = store.clock.nowUs();
  const records: CdrRecord[] = [];
  for (const row of group) {
    const bodies = bodiesOf(row, options);
    const read = readFirst(bodies, (body) => reparse({ body, node: options.node, receivedUs }));
    if ('ok' in read) records.push(read.ok);
    else {
      report.rejected += 1;
      await keepReject(store, bodies.at(-1) ?? Buffer.alloc(0), { rejection: read.reject, receivedUs });
    }
  }
  const known = await areKnown(
    store.database.write,
    records.map(({ cdr }) => cdr),
    { withinUs: SAME_LEG_US },
  );
  const fresh = records.filter(
    ({ cdr }, at) => known[at] !== true && taken.add(`${cdr.start_us} ${cdr.uuid}`),
  );
  await publishCdrs(store.bus, fresh);
  report.imported += fresh.length;
  report.duplicate += records.length - fresh.length;
}

/** The first body that can be read; else why the last one, made of the columns, cannot. */
function readFirst(
  bodies: readonly Buffer[],
  read: (body: Buffer) => ReturnType<Reparse>,
): ReturnType<Reparse> {
  const results = bodies.map(read);
  return results.find((result) => 'ok' in result) ?? results.at(-1) ?? { reject: EMPTY };
}

const EMPTY: CdrRejection = { reason: 'cdr-empty', detail: 'the row is empty' };

async function keepReject(
  { bus }: Store,
  body: Buffer,
  { rejection, receivedUs }: { rejection: CdrRejection; receivedUs: number },
): Promise<void> {
  const post = { body, url: 'history', contentType: undefined, sourceIp: '', node: undefined, receivedUs };
  const { topic, record } = rejected(post, rejection.reason, rejection.detail);
  await bus.publish(topic, [record]);
}
