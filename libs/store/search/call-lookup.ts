import type { Queryable } from '../queryable.ts';
import { CALL_COLUMNS, type CallRow, toCall } from './call-row.ts';
import type { StoredCall, StoredLeg } from './calls.ts';
import { isUuid } from './cursor.ts';
import { LEG_COLUMNS, type LegRow, toLeg } from './leg-row.ts';

/** A call as somebody may see it, with its legs in order of the SIP path. */
export interface SeenCall {
  call: StoredCall;
  legs: StoredLeg[];
}

/** An id superseded twice or more is followed this far. */
const LONGEST_CHAIN = 16;
/** A Call-ID that was used again names several calls: the newest that may be seen is meant. */
const MOST_CANDIDATES = 20;

/**
 * What happened to this call? Found by its id, an id that was superseded, the uuid of a leg, or the Call-ID of a leg.
 * A tenant sees its own calls whole, and of a call of another tenant its own legs only.
 */
export async function lookUpCall(
  database: Queryable,
  { key, tenant }: { key: string; tenant: string | undefined },
): Promise<SeenCall | undefined> {
  const direct = isUuid(key) ? await callOfId(database, key) : undefined;
  const seen = direct && (await see(database, direct, tenant));
  if (seen !== undefined) return seen;
  for (const id of await callsOfLegs(database, key, tenant)) {
    const call = await callOfId(database, id);
    const found = call && (await see(database, call, tenant));
    if (found !== undefined) return found;
  }
  return undefined;
}

async function callOfId(database: Queryable, id: string): Promise<StoredCall | undefined> {
  let wanted: string | null = id;
  for (let step = 0; wanted !== null && step < LONGEST_CHAIN; step += 1) {
    const row: CallRow | undefined = await readCall(database, wanted);
    if (row?.merged_into === null) return toCall(row);
    wanted = row?.merged_into ?? null;
  }
  return undefined;
}

async function readCall(database: Queryable, id: string): Promise<CallRow | undefined> {
  const { rows } = await database.query<CallRow>(
    `select ${CALL_COLUMNS} from calls c where c.id = $1::uuid and c.start_at = call_id_start($1::uuid)`,
    [id],
  );
  return rows[0];
}

/** Legs of calls that a tenant ($2; null: everybody's) sees something of: others that took the same Call-ID hide nothing. */
const IS_SEEN = `($2::text is null or l.tenant = $2 or exists (
  select from calls c where c.id = l.call_id and c.start_at = call_id_start(l.call_id)
    and (c.tenant = $2 or c.tenants @> array[$2::text] or c.merged_into is not null)))`;

const candidates = (column: 'uuid' | 'sip_call_id', place: number) =>
  `(select l.call_id, l.start_at, ${place} as place from legs l where l.${column} = $1 and ${IS_SEEN}
    order by l.start_at desc limit ${MOST_CANDIDATES})`;

/** Of the leg with this uuid first, then of legs with this Call-ID, the newest first. */
async function callsOfLegs(database: Queryable, key: string, tenant: string | undefined): Promise<string[]> {
  const { rows } = await database.query<{ call_id: string }>(
    `select call_id from (${candidates('uuid', 0)} union all ${candidates('sip_call_id', 1)}) as legs
     where call_id is not null order by place, start_at desc`,
    [key, tenant ?? null],
  );
  return [...new Set(rows.map(({ call_id }) => call_id))];
}

async function see(
  database: Queryable,
  call: StoredCall,
  tenant: string | undefined,
): Promise<SeenCall | undefined> {
  const isOwn = tenant === undefined || call.tenant === tenant;
  if (!isOwn && !call.tenants.includes(tenant)) return undefined;
  const legs = await legsOf(database, call);
  return isOwn ? { call, legs } : ownPart({ call, legs }, tenant);
}

async function legsOf(database: Queryable, call: StoredCall): Promise<StoredLeg[]> {
  const { rows } = await database.query<LegRow>(
    // A call begins with its earliest leg. A uuid that was used again is that of another call's leg, too, maybe another tenant's.
    // A leg that was being written when the call was is told of it a moment later.
    `select ${LEG_COLUMNS} from legs l
     where l.uuid = any($1::text[]) and l.start_at >= call_id_start($2::uuid) and (l.call_id = $2::uuid or l.call_id is null and l.tenant = any($3::text[]))`,
    [call.legs, call.id, [call.tenant, ...call.tenants]],
  );
  const place = new Map(call.legs.map((uuid, index) => [uuid, index]));
  return rows.map(toLeg).sort((a, b) => (place.get(a.uuid) ?? 0) - (place.get(b.uuid) ?? 0));
}

/** What a tenant sees of a call of somebody else: only what its own legs say (I6). */
export function ownPart({ call, legs }: SeenCall, tenant: string): SeenCall | undefined {
  const own = legs.filter((leg) => leg.tenant === tenant);
  const [first] = own;
  if (first === undefined) return undefined;
  const isOver = own.every(({ end_us }) => end_us !== null);
  const [start_us, end_us] = [
    least(own.map((leg) => leg.start_us)),
    isOver ? most(own.map((leg) => leg.end_us)) : null,
  ];
  return {
    legs: own,
    call: {
      ...{
        id: call.id,
        state: call.state,
        revision: call.revision,
        finished_revision: call.finished_revision,
        merged_into: null,
        tenant,
        tenants: [tenant],
      },
      ...{ did: null, trunk: null, direction: null, pdd_ms: null, hangup_by: null, disposition: null },
      ...{ answered_by: null, transfers: [] },
      domain: first.domain,
      caller_id_name: first.caller_id_name,
      caller: first.caller_id_number,
      callee: first.destination_number,
      nodes: [...new Set(own.map(({ node }) => node))],
      legs: own.map(({ uuid }) => uuid),
      start_us: start_us ?? first.start_us,
      answer_us: least(own.map((leg) => leg.answer_us)),
      end_us,
      duration: end_us === null || start_us === null ? null : (end_us - start_us) / 1e6,
      billsec: most(own.map((leg) => leg.billsec)),
      hangup_cause: first.hangup_cause,
      mos: least(own.map((leg) => leg.mos)),
      recording_paths: own.flatMap(({ recording_paths }) => recording_paths),
    },
  };
}

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);

function least(values: readonly (number | null)[]): number | null {
  const numbers = known(values);
  return numbers.length === 0 ? null : Math.min(...numbers);
}

function most(values: readonly (number | null)[]): number | null {
  const numbers = known(values);
  return numbers.length === 0 ? null : Math.max(...numbers);
}
