-- What the api needs beside what it configures: who changed what, and answers that a repeated request gets again.

create table audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  actor text not null,
  role text not null,
  address text,
  action text not null,
  resource text not null,
  key text not null,
  tenant text,
  before jsonb,
  after jsonb,
  secrets text[] not null default '{}'
);
comment on table audit_log is 'Who changed or opened what: one row a thing, never changed afterwards';
comment on column audit_log.actor is 'name of the token, or cli:<user of the machine>';
comment on column audit_log.tenant is 'whose thing it is; null: the fleet''s';
comment on column audit_log.before is 'as it was, without secrets; null: it was not there';
comment on column audit_log.secrets is 'names of secrets that were set: their values are nowhere';
create index audit_log_by_time on audit_log (at);
create index audit_log_by_thing on audit_log (resource, key, id);
create index audit_log_by_tenant on audit_log (tenant, id);

create table api_idempotency (
  token text not null,
  key text not null check (length(key) <= 255),
  request_hash text not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (token, key)
);
comment on table api_idempotency is 'answers to creates with an Idempotency-Key, for a day; without the secrets that are shown once';
create index api_idempotency_by_time on api_idempotency (created_at);

alter table tenants add column description text not null default '' check (length(description) <= 500 and description !~ '[[:cntrl:]]');
