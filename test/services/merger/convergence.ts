import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type FleetRecords, foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { Leg } from '../../../libs/calls/leg.ts';
import { callsBetween } from '../../../libs/store/call.sql.ts';
import { recordsOf } from '../../support/generated-fleet/records.ts';
import type { FleetSpec } from '../../support/generated-fleet/spec.ts';
import { applyAll, deliveries, type FleetMergers, FOLD, settle } from './fleet-mergers.ts';
import { batchesOf, comparable, random, shuffled } from './shuffling.ts';

const HOUR_US = 3_600_000_000;
/** 2026-01-01: each fleet has an hour of its own, so that it is found again among all others in the database. */
const FIRST_US = Date.UTC(2026, 0, 1) * 1_000;
/** The proxy through which generated calls cross to another server. */
export const PROXY = '10.9.8.7';
const OPTIONS = { ...FOLD, trust: { isKnownPeer: (ip: string) => ip === PROXY } };

/**
 * Applies a generated fleet's records in the order that its spec says, and compares legs and calls with what the pure core
 * makes of all of them at once. `number` places it in time; names are fresh each time. @throws AssertionError
 */
export async function converges(fleet: FleetMergers, spec: FleetSpec, number: number): Promise<void> {
  const baseUs = FIRST_US + number * HOUR_US;
  const records = recordsOf(spec, { baseUs, tag: `f${randomBytes(4).toString('hex')}` });
  await applyAll(fleet.mergers.slice(0, spec.order.mergers), batchesInOrder(records, spec));
  await settle({ ...fleet, mergers: fleet.mergers.slice(0, 1) });
  const pure = foldFleet(records, OPTIONS);
  const stored = await callsBetween(fleet.database.write, baseUs, baseUs + HOUR_US);
  assert.deepEqual(
    comparable(stored.filter(({ merged_into }) => merged_into === null)),
    comparable(pure.calls),
  );
  assert.deepEqual(await storedLegs(fleet, baseUs), pureLegs(pure));
}

function batchesInOrder(records: FleetRecords, { order }: FleetSpec) {
  const all = deliveries(records);
  const next = random(order.seed);
  return batchesOf(shuffled(order.isDoubled ? [...all, ...all] : all, next), order.batch);
}

interface ComparedLeg {
  uuid: string;
  call_id: string | null;
  state: string;
  answer_us: number | null;
  end_us: number | null;
  ended_by: string | null;
  hangup_cause: string | null;
  is_interrupted: boolean;
}

async function storedLegs({ database }: FleetMergers, baseUs: number): Promise<ComparedLeg[]> {
  const us = (name: string) => `(extract(epoch from ${name}) * 1000000)::float8`;
  const { rows } = await database.write.query<ComparedLeg>(
    `select uuid, call_id, state, ${us('answer_at')} as answer_us, ${us('end_at')} as end_us, ended_by, hangup_cause,
       is_interrupted
     from legs where start_at >= to_timestamp($1) and start_at < to_timestamp($2)`,
    [baseUs / 1e6, (baseUs + HOUR_US) / 1e6],
  );
  return rows.sort(byUuid);
}

function pureLegs({ legs, calls }: ReturnType<typeof foldFleet>): ComparedLeg[] {
  const callIds = new Map(calls.flatMap(({ id, legs: uuids }) => uuids.map((uuid) => [uuid, id] as const)));
  return legs.map((leg) => comparedLeg(leg, callIds.get(leg.uuid) ?? null)).sort(byUuid);
}

function comparedLeg(leg: Leg, call_id: string | null): ComparedLeg {
  const { uuid, state, answer_us, end_us, ended_by, hangup_cause, is_interrupted } = leg;
  return { uuid, call_id, state, answer_us, end_us, ended_by, hangup_cause, is_interrupted };
}

function byUuid(a: ComparedLeg, b: ComparedLeg): number {
  return a.uuid < b.uuid ? -1 : 1;
}
