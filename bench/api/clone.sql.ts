/** SQL that makes a month of calls of recorded ones. */

/** Without indexes: those are made when the tables become partitions, by a sort each. */
export const MAKE_TABLES = [
  'drop table if exists bench_calls, bench_legs, calls_bench, legs_bench',
  'create table bench_calls (place bigint primary key, like calls)',
  'create table bench_legs (place bigint, like legs)',
  'create index on bench_legs (place)',
  'create table calls_bench (like calls including defaults including constraints) with (fillfactor = 70)',
  'create table legs_bench (like legs including defaults including constraints) with (fillfactor = 70)',
];

export const ATTACH = [
  `alter table calls attach partition calls_bench for values from ('2026-10-01Z') to ('2026-11-01Z')`,
  `alter table legs attach partition legs_bench for values from ('2026-10-01Z') to ('2026-11-02Z')`,
];

/** Which clones: from and up to which number, µs of the first one of all, µs between two. */
export interface CloneRange {
  from: number;
  to: number;
  firstUs: number;
  stepUs: number;
}

/** What is copied, and where it goes. COPY knows no parameters: the numbers of the range, and nothing else, stand in the text. */
export interface CloneCopy {
  select: string;
  into: string;
}

/** Clone n of the template: when it starts, and its id. */
const clones = ({ from, to, firstUs, stepUs }: CloneRange) => `
  select n, n % (select count(*) from bench_calls) as place, start_at,
    (substr(floor, 1, 14) || '8' || substr(floor, 16, 3) || '-8' || substr(md5(n::text), 1, 3) || '-' || substr(md5(n::text), 4, 12))::uuid as id
  from generate_series(${from}::bigint, ${to}::bigint - 1) as n
  cross join lateral (select timestamptz 'epoch' + (${firstUs}::float8 + n * ${stepUs}::float8) * interval '1 microsecond' as start_at) as moment
  cross join lateral (select call_id_floor(start_at)::text as floor) as least`;

/** 200,000 callers, 100,000 callees outside, those inside as they were; every third call goes out by one of three trunks. */
export function clonedCalls(range: CloneRange): CloneCopy {
  const into = `calls_bench (id, start_at, root_id, state, tenant, tenants, domain, direction, caller_id_name, caller, callee, did, trunk, nodes, legs, answer_at, end_at, duration, billsec, pdd_ms, hangup_cause, hangup_by, disposition, answered_by, mos, recording_paths, transfers, digest, revision, published_revision)`;
  const select = `
  select clone.id, clone.start_at, clone.id, 'finished', 'tenant-' || n % 5, array['tenant-' || n % 5], 'tenant-' || n % 5 || '.example',
    case when n % 3 = 0 then 'outbound' else c.direction end, c.caller_id_name, '+4930' || (n * 7919) % 200000,
    case when n % 2 = 0 then '+' || 31 + n % 9 || 20000000 + (n * 104729) % 100000 else c.callee end, null,
    case when n % 3 = 0 then 'trunk-' || n % 7 % 3 end, c.nodes, array(select md5(leg || n)::uuid::text from unnest(c.legs) with ordinality as u (leg, at) order by at),
    clone.start_at + (c.answer_at - c.start_at), clone.start_at + (c.end_at - c.start_at), c.duration, c.billsec, c.pdd_ms, c.hangup_cause,
    c.hangup_by, c.disposition, c.answered_by, c.mos, c.recording_paths, c.transfers, n::text, 1, 1
  from (${clones(range)}) as clone join bench_calls c using (place)`;
  return { select, into };
}

export function clonedLegs(range: CloneRange): CloneCopy {
  const into = `legs_bench (uuid, start_at, call_id, root_id, node, core_uuid, direction, state, caller_id_name, caller_id_number, destination_number, context, channel_name, domain, tenant, sip_call_id, progress_at, answer_at, end_at, ended_by, duration, billsec, hangup_cause, mos, recording_paths, is_settled, evidence)`;
  const select = `
  select md5(l.uuid || n)::uuid::text, clone.start_at + (l.start_at - c.start_at), clone.id, clone.id, l.node, l.core_uuid, l.direction, l.state,
    l.caller_id_name, '+4930' || (n * 7919) % 200000, l.destination_number, l.context, l.channel_name, l.domain, 'tenant-' || n % 5,
    l.sip_call_id || '-' || n, clone.start_at + (l.progress_at - c.start_at), clone.start_at + (l.answer_at - c.start_at),
    clone.start_at + (l.end_at - c.start_at), l.ended_by, l.duration, l.billsec, l.hangup_cause, l.mos, l.recording_paths, true, '{}'
  from (${clones(range)}) as clone join bench_calls c using (place) join bench_legs l using (place)`;
  return { select, into };
}
