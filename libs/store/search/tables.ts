import {
  boolean,
  customType,
  doublePrecision,
  integer,
  jsonb,
  pgTable,
  real,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Call } from '../../records/call.ts';
import { readTimestamptz, toInstant } from './instant.ts';

/** A timestamptz as microseconds since 1970. */
const instant = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamptz',
  fromDriver: readTimestamptz,
  toDriver: toInstant,
});

/** Table `calls` as the api reads it (made by migrations/0040_legs_calls.sql). */
export const calls = pgTable('calls', {
  id: uuid().notNull(),
  start_us: instant('start_at').notNull(),
  state: text().$type<Call['state']>().notNull(),
  merged_into: uuid(),
  revision: integer().notNull(),
  finished_revision: integer(),
  tenant: text(),
  tenants: text().array().notNull(),
  domain: text(),
  direction: text().$type<NonNullable<Call['direction']>>(),
  caller_id_name: text(),
  caller: text(),
  callee: text(),
  did: text(),
  trunk: text(),
  nodes: text().array().notNull(),
  legs: text().array().notNull(),
  answer_us: instant('answer_at'),
  end_us: instant('end_at'),
  duration: doublePrecision(),
  billsec: doublePrecision(),
  pdd_ms: integer(),
  hangup_cause: text(),
  hangup_by: text().$type<NonNullable<Call['hangup_by']>>(),
  disposition: text().$type<NonNullable<Call['disposition']>>(),
  answered_by: text().$type<NonNullable<Call['answered_by']>>(),
  mos: real(),
  recording_paths: text().array().notNull(),
  transfers: jsonb().$type<Call['transfers']>().notNull(),
});

/** Table `legs` as the api reads it. */
export const legs = pgTable('legs', {
  uuid: text().notNull(),
  start_us: instant('start_at').notNull(),
  call_id: uuid(),
  node: text().notNull(),
  core_uuid: text(),
  direction: text(),
  state: text(),
  caller_id_name: text(),
  caller_id_number: text(),
  destination_number: text(),
  domain: text(),
  tenant: text(),
  trunk: text(),
  originator: text(),
  sip_call_id: text(),
  accountcode: text(),
  progress_us: instant('progress_at'),
  answer_us: instant('answer_at'),
  end_us: instant('end_at'),
  ended_by: text(),
  duration: doublePrecision(),
  billsec: doublePrecision(),
  hangup_cause: text(),
  sip_status: integer(),
  mos: real(),
  recording_paths: text().array().notNull(),
  is_interrupted: boolean().notNull(),
});
