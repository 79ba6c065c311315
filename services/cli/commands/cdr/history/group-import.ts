import { SAME_LEG_US } from '../../../../../libs/calls/history.ts';
import type { CdrRejection } from '../../../../../libs/freeswitch/cdr/cdr-rejection.ts';
import { rejected } from '../../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { publishCdrs, type Reparse } from '../../../../../libs/freeswitch/cdr/reparse.ts';
import type { CdrRecord } from '../../../../../libs/records/cdr-record.ts';
import { TOPICS } from '../../../../../libs/records/topics.ts';
import { isExpired } from '../../../../../libs/store/cdr-retention.ts';
import { historyPath } from '../../../../../libs/store/rejected-body.ts';
import { areKnown } from '../../../../../libs/store/stored-cdr.sql.ts';
import type { RecentKeys } from '../recent-keys.ts';
import type { Store } from '../with-bus.ts';
import type { PlacedRow } from './placed-row.ts';
import { documentsOf, type RowDocuments, type RowOptions } from './row-document.ts';

/** What became of the rows of a history. */
export interface HistoryReport {
  imported: number;
  /** stored before, or met before in this run */
  duplicate: number;
  /** past their retention: the writer would drop them */
  expired: number;
  rejected: number;
}

export interface ImportTools {
  store: Store;
  reparse: Reparse;
  /** legs of this run: the writer may not have stored them yet */
  taken: RecentKeys;
  /** what began before is past its retention, microseconds */
  keptFromUs: number;
  row: RowOptions;
}

type Rejected = ReturnType<typeof rejected>;

/** Publishes what is new in a group of rows, and what cannot be read as rejects, and counts all in `report`. */
export async function importGroup(
  group: readonly PlacedRow[],
  tools: ImportTools,
  report: HistoryReport,
): Promise<void> {
  const { store, keptFromUs } = tools;
  const receivedUs = store.clock.nowUs();
  const records: CdrRecord[] = [];
  const rejects: Rejected[] = [];
  for (const placed of group) {
    const read = readRow(placed, tools, receivedUs);
    if ('ok' in read) records.push(read.ok);
    else rejects.push(read.reject);
  }
  const current = records.filter(({ cdr }) => !isExpired(cdr.start_us, keptFromUs));
  const fresh = await withoutKnown(current, tools);
  await publishCdrs(store.bus, fresh);
  if (rejects.length > 0)
    await store.bus.publish(
      TOPICS.cdrRejects,
      rejects.map(({ record }) => record),
    );
  report.imported += fresh.length;
  report.duplicate += current.length - fresh.length;
  report.expired += records.length - current.length;
  report.rejected += rejects.length;
}

/** The row of another system gives way to the leg's own CDR: that is new where only the row is stored. */
async function withoutKnown(
  records: readonly CdrRecord[],
  { store, taken }: ImportTools,
): Promise<CdrRecord[]> {
  const legs = records.map(({ cdr: { uuid, start_us }, imported = false }) => ({ uuid, start_us, imported }));
  const known = await areKnown(store.database.write, legs, { withinUs: SAME_LEG_US });
  return records.filter(
    ({ cdr, imported = false }, at) =>
      known[at] !== true && taken.add(`${imported} ${cdr.start_us} ${cdr.uuid}`),
  );
}

/** The first body of a row that can be read; else a reject of the last one, made of the columns. */
function readRow(
  placed: PlacedRow,
  { reparse, row: options }: ImportTools,
  receivedUs: number,
): { ok: CdrRecord } | { reject: Rejected } {
  const documents = documentsOf(placed.row, options);
  let rejection = EMPTY;
  for (const body of documents.bodies) {
    const read = reparse({ body, node: options.node, receivedUs, isHistory: true });
    if ('ok' in read) return read;
    rejection = read.reject;
  }
  const flaw = placed.flaw ?? documents.flaw;
  if (flaw !== undefined) rejection = { reason: 'cdr-malformed', detail: flaw };
  return { reject: rejectOf(placed, { documents, rejection, receivedUs }) };
}

const EMPTY: CdrRejection = { reason: 'cdr-empty', detail: 'the row is empty' };
const UUID = /^[A-Za-z0-9_.-]{1,128}$/;

function rejectOf(
  { place }: PlacedRow,
  {
    documents,
    rejection,
    receivedUs,
  }: { documents: RowDocuments; rejection: CdrRejection; receivedUs: number },
): Rejected {
  const { bodies, uuid = '', node } = documents;
  const post = {
    body: bodies.at(-1) ?? Buffer.alloc(0),
    url: historyPath(place),
    uuid: UUID.test(uuid) ? uuid : undefined,
    contentType: undefined,
    sourceIp: '',
    node,
    receivedUs,
  };
  return rejected(post, rejection.reason, rejection.detail);
}
