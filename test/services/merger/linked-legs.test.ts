import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pool } from '../../../libs/postgres/database.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, fleetMergers } from './fleet-mergers.ts';
import { batchesOf } from './shuffling.ts';

const DEFLECTED = '65002b27-5da1-40b4-9cea-5b8f4a242110';
const ASKED_FOR = '8741d74a-e84f-48c2-afda-c1b842cdbba3';

test('the call that a deflected caller makes is linked to the one it was sent away from, and no other call is', async (t) => {
  const fleet = await fleetMergers(t, 1);
  await applyAll(fleet.mergers, batchesOf(deliveries(recordedFleet('run-05')), 500));
  const { rows } = await fleet.database.write.query<{ legs: string[]; from: string[]; referred_by: string }>(
    `select asked.legs, origin.legs as from, referred_by from report.referred_calls r
     join calls asked on asked.id = r.call_id join calls origin on origin.id = r.referred_from`,
  );
  assert.deepEqual(rows, [{ legs: [ASKED_FOR], from: [DEFLECTED], referred_by: 'deflect' }]);
});

/** A call of tenant `a` that a leg of `b` and one of nobody take part in, and a call of nobody. */
async function storeCalls(pool: Pool): Promise<void> {
  const [shared, alone] = ['0660d0a8-5e00-8000-8000-000000000001', '0660d0a8-5e00-8000-8000-000000000002'];
  await pool.query(
    `insert into calls (id, start_at, root_id, state, tenant, tenants, digest)
     select id::uuid, call_id_start(id::uuid), id::uuid, 'live', tenant, tenants::text[], ''
     from (values ($1, 'a', '{a,b}'), ($2, null, '{}')) as made (id, tenant, tenants)`,
    [shared, alone],
  );
  await pool.query(
    `insert into legs (uuid, start_at, node, call_id, tenant, evidence)
     select uuid, call_id_start($1::uuid), 'fs01', call_id::uuid, tenant, '{}'
     from (values ('leg-a', $1, 'a'), ('leg-b', $1, 'b'), ('leg-of-nobody', $1, null), ('alone', $2, null))
       as made (uuid, call_id, tenant)`,
    [shared, alone],
  );
}

test('a tenant sees all legs of its calls, and of others’ calls its own only', async (t) => {
  const { database } = await fleetMergers(t, 1);
  await storeCalls(database.write);
  const { rows } = await database.write.query<{ seen_by: string; uuids: string[] }>(
    `select seen_by, array_agg(uuid order by uuid) as uuids from report.tenant_legs group by seen_by order by seen_by`,
  );
  assert.deepEqual(rows, [
    { seen_by: 'a', uuids: ['leg-a', 'leg-b', 'leg-of-nobody'] },
    { seen_by: 'b', uuids: ['leg-b'] },
  ]);
});

test('every view of schema report and every column has a comment', async (t) => {
  const { database } = await fleetMergers(t, 1);
  const { rows } = await database.write.query<{ name: string }>(
    `select c.relname || coalesce('.' || a.attname, '') as name
     from pg_class c
     left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'report'::regnamespace and c.relkind = 'v'
       and (obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null)`,
  );
  assert.deepEqual(rows, []);
});
