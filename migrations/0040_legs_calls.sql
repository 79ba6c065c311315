-- What the merger builds: legs and calls from events, CDRs and what collectors say about nodes.
--
-- Locks are always taken in this order, and within one kind in the order of its key: legs, correlation keys, Call-IDs, call
-- roots. Everything else is written under the lock of a root, or takes locks only where nobody has to wait (skip locked).

-- A call's id is a UUID of version 8 whose first 60 bits are microseconds: the start of the leg that it is made of.
create function call_id_start(id uuid) returns timestamptz language sql immutable strict parallel safe as $$
  select timestamptz 'epoch' + ('x' || substr(digits, 1, 12) || substr(digits, 14, 3))::bit(60)::bigint * interval '1 microsecond'
  from (select replace(id::text, '-', '')) as text (digits)
$$;
comment on function call_id_start is 'the partition column of calls and call_roots, from an id alone';

create table legs (
  uuid                   text not null,
  start_at               timestamptz not null,
  call_id                uuid,
  root_id                uuid,
  node                   text not null,
  core_uuid              text,
  direction              text,
  state                  text,
  caller_id_name         text,
  caller_id_number       text,
  destination_number     text,
  context                text,
  channel_name           text,
  accountcode            text,
  domain                 text,
  tenant                 text,
  trunk                  text,
  originator             text,
  sip_call_id            text,
  progress_at            timestamptz,
  progress_media_at      timestamptz,
  answer_at              timestamptz,
  bridged_at             timestamptz,
  end_at                 timestamptz,
  ended_by               text,
  duration               double precision,
  billsec                double precision,
  hangup_cause           text,
  hangup_cause_q850      integer,
  sip_hangup_disposition text,
  sip_status             integer,
  application            text,
  conference             text,
  queue                  text,
  mos                    real,
  recording_paths        text[] not null default '{}',
  is_interrupted         boolean not null default false,
  is_settled             boolean not null default false,
  fate_revision          integer not null default 0,
  keys                   uuid[] not null default '{}',
  evidence               json,
  primary key (uuid, start_at)
) partition by range (start_at);

comment on table legs is 'One row for each channel: a fold of everything that was said about its uuid; partitioned by month of start_at';
comment on column legs.uuid is 'the channel''s uuid in FreeSWITCH';
comment on column legs.call_id is 'the call it is of; null for the moment in which the row is made';
comment on column legs.root_id is 'where it stands in call_roots';
comment on column legs.node is 'switchname of the FreeSWITCH server';
comment on column legs.core_uuid is 'the run of that server''s process';
comment on column legs.state is 'ringing, early, answered, held or ended';
comment on column legs.caller_id_number is 'at the leg''s birth, before transfers and pick-ups';
comment on column legs.destination_number is 'at the leg''s birth, before transfers and pick-ups';
comment on column legs.ended_by is 'how its end is known: hangup, cdr, resync, core-changed, node-lost';
comment on column legs.billsec is 'seconds from answer to end, to the millisecond';
comment on column legs.mos is 'mean opinion score of received audio; null when no packet was received';
comment on column legs.is_interrupted is 'its server died under it, and nothing says how else it ended';
comment on column legs.is_settled is 'its own hangup or CDR ended it: what becomes of its server changes nothing';
comment on column legs.fate_revision is 'revision of node_fates that it was folded with';
comment on column legs.keys is 'correlation keys that are already in call_keys';
comment on column legs.evidence is 'everything that was said about it, kept small: what it is folded from again';

create table legs_default partition of legs default;
create index legs_unsettled on legs (core_uuid, fate_revision) where not is_settled;

create table leg_events (
  uuid           text not null,
  at             timestamptz not null,
  sequence       bigint not null,
  core_uuid      text not null,
  node           text not null,
  event_name     text not null,
  event_subclass text,
  headers        json not null,
  primary key (uuid, at, sequence, core_uuid)
) partition by range (at);

comment on table leg_events is 'Every event of every leg, for timelines and ladders; partitioned by day of at, with a retention of its own';
comment on column leg_events.at is 'Event-Date-Timestamp, in the node''s clock';
comment on column leg_events.sequence is 'Event-Sequence: of the process, not monotonic over the stream';

create table leg_events_default partition of leg_events default;

-- Which root legs that share a key belong to. Never changed, only added: a union sets parents, not keys.
create table call_keys (
  month   timestamptz not null,
  key     uuid not null,
  root_id uuid not null,
  primary key (key, month)
) partition by range (month);

comment on table call_keys is 'Correlation keys: legs that share one are of one call';
comment on column call_keys.month is 'a key is looked for among legs that start in one month, or within a day of it';
comment on column call_keys.key is 'first 128 bits of SHA-256 of the key''s text';

create table call_keys_default partition of call_keys default;

create table sip_call_ids (
  month   timestamptz not null,
  key     uuid not null,
  holders jsonb not null,
  primary key (key, month)
) partition by range (month);

comment on table sip_call_ids is 'Which legs had a SIP Call-ID: an outbound and an inbound one within 180 s are the two ends of one dialog';
comment on column sip_call_ids.holders is '[uuid, direction, start in microseconds, root_id] of each, the newest 64';

create table sip_call_ids_default partition of sip_call_ids default;

create table call_roots (
  id         uuid not null,
  started_at timestamptz not null,
  parent     uuid,
  members    jsonb not null,
  calls      uuid[] not null default '{}',
  primary key (id, started_at)
) partition by range (started_at);

comment on table call_roots is 'Union-find over legs: a root stands for all legs that are connected; a root with a parent was merged into it';
comment on column call_roots.members is '[uuid, start in microseconds] of each leg; empty once merged';
comment on column call_roots.calls is 'ids of the calls that its legs make: more than one only where a component was too large and was cut';

create table call_roots_default partition of call_roots default;

create table calls (
  id                 uuid not null,
  start_at           timestamptz not null,
  root_id            uuid not null,
  state              text not null check (state in ('live', 'finished')),
  merged_into        uuid,
  tenant             text,
  tenants            text[] not null default '{}',
  domain             text,
  direction          text check (direction in ('inbound', 'outbound', 'internal')),
  caller_id_name     text,
  caller             text,
  callee             text,
  did                text,
  trunk              text,
  nodes              text[] not null default '{}',
  legs               text[] not null default '{}',
  answer_at          timestamptz,
  end_at             timestamptz,
  duration           double precision,
  billsec            double precision,
  pdd_ms             integer,
  hangup_cause       text,
  hangup_by          text check (hangup_by in ('caller', 'callee', 'system')),
  disposition        text check (disposition in ('answered', 'busy', 'no-answer', 'cancelled', 'failed', 'interrupted')),
  answered_by        text check (answered_by in ('user', 'external', 'voicemail', 'conference', 'queue', 'ivr')),
  mos                real,
  recording_paths    text[] not null default '{}',
  transfers          jsonb not null default '[]',
  digest             text not null,
  revision           integer not null default 1,
  published_revision integer not null default 0,
  finish_at          timestamptz,
  primary key (id, start_at)
) partition by range (start_at);

comment on table calls is 'One row for each conversation over all nodes, and for each id that was superseded; partitioned by month of start_at';
comment on column calls.id is 'of the earliest leg: see call_id_start';
comment on column calls.start_at is 'start of the earliest leg';
comment on column calls.state is 'live from the first event, finished when all legs have ended and the grace time has passed';
comment on column calls.merged_into is 'this id was superseded by that one: read the call there';
comment on column calls.tenant is 'whose call it is: the tenant of the first leg; null: the administrator''s';
comment on column calls.tenants is 'all tenants that have a leg of it: each sees its own legs';
comment on column calls.callee is 'the number that the first server was asked for';
comment on column calls.nodes is 'switchnames in order of the SIP path';
comment on column calls.legs is 'leg uuids in order of the SIP path';
comment on column calls.answer_at is 'when somebody or something answered the caller; waiting in a queue or in park is no answer';
comment on column calls.billsec is 'seconds of talk: from answer until nobody talked any more, or the server died that carried it';
comment on column calls.pdd_ms is 'post-dial delay: until the first leg rang, heard something or was answered';
comment on column calls.mos is 'the worst of its legs'' mean opinion scores; null when no packet was received';
comment on column calls.digest is 'of everything that the merger says about it: the revision rises when it changes';
comment on column calls.published_revision is 'the last revision that went to switchfleet.calls';
comment on column calls.finish_at is 'when the grace time of a call whose legs have all ended is over';

create table calls_default partition of calls default;
create index calls_by_tenant on calls (tenant, id);
create index calls_to_finish on calls (finish_at) where state = 'live' and finish_at is not null;
create index calls_to_publish on calls (id) where state = 'finished' and published_revision < revision;

-- Everything that collectors said about nodes: legs are judged by it again whenever more is said.
create table node_evidence (
  node        text not null,
  digest      uuid not null,
  core_uuid   text,
  received_at timestamptz not null,
  record      json not null,
  primary key (node, digest)
);
comment on table node_evidence is 'States of nodes, changes of their cores, and sets of their channels, as collectors said them';
create index node_evidence_received on node_evidence (received_at);

create table node_fates (
  node             text not null,
  core_uuid        text not null,
  revision         integer not null,
  fate             json not null,
  down_received_at timestamptz,
  is_lost          boolean not null default false,
  primary key (core_uuid, node)
);
comment on table node_fates is 'What became of each run of each server, folded from node_evidence';
comment on column node_fates.is_lost is 'it has been down for longer than NODE_LOST_MS';
create index node_fates_down on node_fates (down_received_at) where down_received_at is not null and not is_lost;

create table node_status (
  node            text primary key,
  state           text,
  reason          text,
  core_uuid       text,
  state_at        timestamptz,
  clock_offset_us bigint,
  load            jsonb,
  load_at         timestamptz
);
comment on table node_status is 'The last state and the last figures of each node';

create table node_status_minutes (
  node                text not null,
  minute              timestamptz not null,
  sessions            integer not null,
  sessions_max        integer not null,
  max_sessions        integer,
  sessions_per_second integer,
  idle_cpu            real,
  primary key (node, minute)
);
comment on table node_status_minutes is 'Load of each node by the minute: the last figure and the highest number of sessions';
create index node_status_minutes_minute on node_status_minutes (minute);

create table registrations (
  domain       text not null,
  user_id      text not null,
  node         text not null,
  contact      text not null,
  core_uuid    text,
  call_id      text,
  profile      text,
  network_ip   text,
  network_port integer,
  user_agent   text,
  registered_at timestamptz not null,
  expires_at   timestamptz,
  is_ended     boolean not null default false,
  primary key (domain, user_id, node, contact)
);
comment on table registrations is 'Where users can be reached. Ended ones are kept for an hour, so that a late record does not revive them';
comment on column registrations.registered_at is 'moment of the last record about it, in the node''s clock';
create index registrations_by_expiry on registrations (expires_at);
