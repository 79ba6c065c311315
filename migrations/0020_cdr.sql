-- What the writer stores: one row for each leg's CDR, the whole documents beside it, and what could not be read.
--
-- Partitions are ranges of the leg's own start (never of arrival), so the key of a row is the same however often, and
-- in whatever order, its CDR arrives. The partition keeper makes them ahead; the default partitions catch strays.

create table cdr (
  uuid                       text not null,
  start_at                   timestamptz not null,
  format                     text not null check (format in ('xml', 'json')),
  switch_name                text not null,
  core_uuid                  text,
  call_uuid                  text,
  sip_call_id                text,
  direction                  text check (direction in ('inbound', 'outbound')),
  caller_id_name             text,
  caller_id_number           text,
  destination_number         text,
  context                    text,
  domain                     text,
  accountcode                text,
  progress_at                timestamptz,
  progress_media_at          timestamptz,
  answer_at                  timestamptz,
  end_at                     timestamptz not null,
  duration                   integer not null,
  billsec                    integer not null,
  hangup_cause               text,
  hangup_cause_q850          integer,
  sip_hangup_disposition     text,
  sip_term_status            integer,
  recording_path             text,
  read_codec                 text,
  write_codec                text,
  remote_media_ip            text,
  mos                        real,
  rtp_audio_in_packet_count  integer,
  rtp_audio_out_packet_count integer,
  variables                  jsonb not null default '{}',
  received_at                timestamptz not null,
  body_sha256                bytea not null,
  primary key (uuid, start_at)
) partition by range (start_at);

comment on table cdr is 'One row for each leg, from its CDR; partitioned by month of start_at';
comment on column cdr.uuid is 'the leg: its channel uuid in FreeSWITCH';
comment on column cdr.format is 'what the row was read from: XML wins over JSON';
comment on column cdr.switch_name is 'the FreeSWITCH server (switchname) that the leg was on';
comment on column cdr.call_uuid is 'FreeSWITCH''s own call_uuid, which proves nothing alone; whole calls are in table calls';
comment on column cdr.mos is 'mean opinion score of received audio; null when no packet was received';
comment on column cdr.variables is 'channel variables of the configured list (CDR_VARIABLES)';
comment on column cdr.body_sha256 is 'of the document that the row was read from';

create table cdr_default partition of cdr default;

create index cdr_start on cdr (start_at desc, uuid);
create index cdr_caller on cdr (caller_id_number, start_at desc);
create index cdr_destination on cdr (destination_number, start_at desc);
create index cdr_sip_call_id on cdr (sip_call_id) where sip_call_id is not null;
create index cdr_domain on cdr (domain, start_at desc) where domain is not null;
create index cdr_accountcode on cdr (accountcode, start_at desc) where accountcode is not null;

-- Compressed by the writer; PostgreSQL must not try again.
create table cdr_documents (
  uuid        text not null,
  start_at    timestamptz not null,
  format      text not null check (format in ('xml', 'json')),
  switch_name text not null,
  end_at      timestamptz not null,
  received_at timestamptz not null,
  body_sha256 bytea not null,
  body_size   integer not null,
  compression text not null check (compression in ('none', 'zstd')),
  dictionary  integer,
  body        bytea not null,
  primary key (uuid, start_at, format)
) partition by range (start_at);
alter table cdr_documents alter column body set storage external;

comment on table cdr_documents is 'The whole document of each CDR, byte for byte; partitioned by day of start_at, with a retention of its own';
comment on column cdr_documents.body_size is 'bytes before compression';
comment on column cdr_documents.dictionary is 'version of the zstd dictionary, when one was used';

create table cdr_documents_default partition of cdr_documents default;

create table cdr_rejects (
  id               bigint generated always as identity primary key,
  reason           text not null,
  detail           text not null,
  switch_name      text,
  uuid             text,
  source_ip        text,
  path             text not null,
  content_type     text,
  received_at      timestamptz not null,
  last_received_at timestamptz not null,
  attempts         integer not null default 1,
  replayed_at      timestamptz,
  body_sha256      bytea not null,
  body             bytea not null,
  unique (body_sha256, reason)
);

comment on table cdr_rejects is 'What was posted as a CDR and is not a row of cdr: unreadable, or another body of a leg that has one (cdr-differs)';
comment on column cdr_rejects.attempts is 'how often the same bytes were posted';

create index cdr_rejects_received on cdr_rejects (received_at desc, id desc);
create index cdr_rejects_uuid on cdr_rejects (uuid) where uuid is not null;
