import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import { createReparse } from '../../../../../libs/freeswitch/cdr/reparse.ts';
import { retentionAt } from '../../../../../libs/store/cdr-retention.ts';
import type { CommandContext } from '../../../command-context.ts';
import { createProgress } from '../../../progress.ts';
import { groupsOf } from '../groups.ts';
import { createRecentKeys } from '../recent-keys.ts';
import { withStore } from '../with-bus.ts';
import { csvRows } from './csv-rows.ts';
import { type HistoryReport, type ImportTools, importGroup } from './group-import.ts';
import { checkColumns, checkNode, type HistoryMap, readHistoryMap } from './history-map.ts';
import { type PlacedRow, ROWS_TOGETHER } from './placed-row.ts';
import type { RowOptions } from './row-document.ts';
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

/**
 * Imports the history of another system: what is stored already stays as it is, and what is past its retention is counted
 * only. @throws CodedError `value-refused`, those of the parts
 */
export async function importHistory(context: CommandContext, options: HistoryOptions): Promise<void> {
  if (options.map === undefined) throw new CodedError('value-refused', '--map is missing');
  const map = await readHistoryMap(options.map);
  const row: RowOptions = { map, node: options.node, zone: checkZone(options.timeZone) };
  checkNode(row);
  const rows = rowsOf(map, options);
  const report = await withStore(context, (store) =>
    importRows(rows, {
      store,
      reparse: createReparse(context.config),
      taken: createRecentKeys(),
      keptFromUs: retentionAt(store.clock.nowUs(), context.config).cdrFromUs,
      row,
    }),
  );
  context.output.result(describe(report), { ...report });
  if (report.expired > 0) context.output.remark(hintOf(report, context));
}

function describe({ imported, duplicate, expired, rejected }: HistoryReport): string {
  return `imported ${imported}, duplicate ${duplicate}, expired ${expired}, rejected ${rejected}`;
}

function hintOf({ expired }: HistoryReport, { config }: CommandContext): string {
  const months = config.CDR_RETENTION_MONTHS;
  return `${expired} began before what CDR_RETENTION_MONTHS=${months} keeps and were not imported: raise it first, for the writer and for this command, and import again`;
}

function rowsOf(map: HistoryMap, { csv, postgres, table }: HistoryOptions): AsyncGenerator<PlacedRow> {
  if (csv !== undefined) return csvRows(csv, map.header);
  if (postgres === undefined || table === undefined)
    throw new CodedError('value-refused', '--table is missing');
  checkAddress(postgres);
  return tableRows(postgres, table);
}

/** The driver takes any text for one: a word is the name of a database, on a host that is called `base`. It may hold a password. */
function checkAddress(text: string): void {
  // a folder of a socket, a space, and the database
  if (text.startsWith('/')) return;
  // without a host the socket's folder is a parameter
  const address = URL.parse(text) ?? URL.parse(text.replace('@/', '@localhost/'));
  if (/^(postgres(ql)?|socket):$/.test(address?.protocol ?? '')) return;
  throw new CodedError('value-refused', '--postgres must look like postgres://user@192.0.2.1/fusionpbx');
}

function checkZone(zone: string): Zone {
  try {
    return zoneOf(zone);
  } catch {
    throw new CodedError('value-refused', `--time-zone ${JSON.stringify(zone)} must look like Europe/Berlin`);
  }
}

async function importRows(rows: AsyncGenerator<PlacedRow>, tools: ImportTools): Promise<HistoryReport> {
  const report: HistoryReport = { imported: 0, duplicate: 0, expired: 0, rejected: 0 };
  const progress = createProgress(process.stderr);
  let done = 0;
  try {
    for await (const group of groupsOf(checked(rows, tools.row), ROWS_TOGETHER)) {
      await importGroup(group, tools, report);
      done += group.length;
      progress.show(done, done, `rows: ${describe(report)}`);
    }
  } catch (error) {
    if (done > 0) process.stderr.write(`switchfleet: until then ${describe(report)}\n`);
    throw error;
  }
  progress.end();
  return report;
}

/** The same rows; the first whose fields have names shows whether the map is one of them. */
async function* checked(
  rows: AsyncIterable<PlacedRow>,
  { map, node }: RowOptions,
): AsyncGenerator<PlacedRow> {
  let isChecked = false;
  for await (const placed of rows) {
    if (!isChecked && placed.flaw === undefined) {
      checkColumns(map, placed.row);
      checkNode({ map, node }, placed.row);
      isChecked = true;
    }
    yield placed;
  }
}
