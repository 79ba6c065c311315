import { createHash } from 'node:crypto';
import type { CoreFate } from '../calls/core-fate.ts';
import { jsonOf } from '../postgres/unwritable-value.ts';
import type { NodeEvent } from '../records/node-event.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** A fate without its sets of channels, which are read only where a leg may be missing from one. */
export interface StoredFate {
  node: string;
  core_uuid: string;
  revision: number;
  fate: Omit<CoreFate, 'resyncs'> & { resync_us: number };
}

/** Stores what was said of nodes, each record once. */
export async function insertNodeEvidence(client: Queryable, events: readonly NodeEvent[]): Promise<void> {
  await client.query(
    `insert into node_evidence (node, digest, core_uuid, received_at, record)
     select node, digest, core_uuid, ${fromMicroseconds('received_us')}, record
     from json_to_recordset($1::json) as said (node text, digest uuid, core_uuid text, received_us bigint, record json)
     order by node, digest on conflict do nothing`,
    [
      jsonOf(
        events.map((record) => ({
          node: record.node,
          digest: createHash('md5').update(jsonOf(record)).digest('hex'),
          core_uuid: record.core_uuid,
          received_us: record.received_us,
          record,
        })),
      ),
    ],
  );
}

/** Records in memory at once: a set of channels may have thousands, and a node's history thousands of sets. */
const PAGE = 100;

/** Everything that was said of these nodes; of the channels in each set only those of `uuids`. */
export async function readNodeEvidence(
  client: Queryable,
  { nodes, uuids }: { nodes: readonly string[]; uuids: ReadonlySet<string> },
): Promise<NodeEvent[]> {
  const found: NodeEvent[] = [];
  for (const node of nodes) {
    let page: PageRow[] = [];
    do {
      page = await readPage(client, node, page.at(-1)?.digest);
      for (const { record } of page) {
        const isSet = record.kind === 'resync';
        found.push(isSet ? { ...record, uuids: record.uuids.filter((uuid) => uuids.has(uuid)) } : record);
      }
    } while (page.length === PAGE);
  }
  return found;
}

interface PageRow {
  digest: string;
  record: NodeEvent;
}

/** By the key, from where the last page ended. Without a name: a plan from when there was little would sort all for each page. */
async function readPage(client: Queryable, node: string, after = NO_DIGEST): Promise<PageRow[]> {
  const { rows } = await client.query<PageRow>(
    `select digest, record from node_evidence
     where node = $1 and digest > $2::uuid order by digest limit ${PAGE}`,
    [node, after],
  );
  return rows;
}

const NO_DIGEST = '00000000-0000-0000-0000-000000000000';

/**
 * Cores of open legs that nobody spoke of, of nodes of which something was said without naming a core. To be asked where sequential
 * scans are off: a plan that was kept from when tables were small reads all legs.
 */
export async function coresWithoutFate(client: Queryable): Promise<{ node: string; core_uuid: string }[]> {
  const { rows } = await client.query<{ node: string; core_uuid: string }>({
    name: 'cores_without_fate',
    text: `select distinct l.node, l.core_uuid
     from (select distinct node from node_evidence where core_uuid is null) as silent
     join legs l on l.node = silent.node and not l.is_settled and l.core_uuid is not null and l.evidence is not null
     where not exists (select from node_fates f where f.core_uuid = l.core_uuid and f.node = l.node)`,
  });
  return rows;
}

/** Takes the one lock under which fates of nodes are folded again. */
export async function lockFates(client: Queryable): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('switchfleet.node_fates'))`);
}

/** Writes fates under a new revision each: legs that were folded with an older one are to be judged again. */
export async function writeFates(client: Queryable, fates: readonly CoreFate[]): Promise<void> {
  const rows = fates.map(({ resyncs, ...fate }) => ({
    node: fate.node,
    core_uuid: fate.core_uuid,
    down_received_us: fate.down?.received_us ?? null,
    fate: { ...fate, resync_us: resyncs.at(-1)?.at_us ?? 0 },
  }));
  await client.query(
    `insert into node_fates as known (node, core_uuid, revision, fate, down_received_at)
     select node, core_uuid, 1, fate, ${fromMicroseconds('down_received_us')}
     from json_to_recordset($1::json) as told (node text, core_uuid text, down_received_us bigint, fate json)
     on conflict (core_uuid, node) do update set revision = known.revision + 1, fate = excluded.fate,
       down_received_at = excluded.down_received_at, is_lost = false`,
    [jsonOf(rows)],
  );
}

/** Fates of all cores of these nodes that anybody spoke of. */
export async function readFates(client: Queryable, cores: readonly string[]): Promise<StoredFate[]> {
  if (cores.length === 0) return [];
  const { rows } = await client.query<StoredFate>({
    name: 'node_fates_read',
    text: 'select node, core_uuid, revision, fate from node_fates where core_uuid = any ($1)',
    values: [cores],
  });
  return rows;
}

/** Marks cores that have been down since before `beforeUs` as lost, which has their legs judged again. */
export async function loseCores(client: Queryable, beforeUs: number): Promise<number> {
  const { rowCount } = await client.query(
    `update node_fates set is_lost = true, revision = revision + 1
     where (core_uuid, node) in (
       select core_uuid, node from node_fates
       where not is_lost and down_received_at <= ${fromMicroseconds('$1::bigint')} for update skip locked)`,
    [beforeUs],
  );
  return rowCount ?? 0;
}
