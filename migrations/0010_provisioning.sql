-- What people configure: tenants and domains, users and groups, DIDs and trunks, nodes and proxies;
-- and the change log that carries every committed change of it to the services that answer from memory.
--
-- Keys are the words of the trade (domain name, user id, E.164 number, switchname), not surrogate numbers: a change
-- names what it changed without a join, also after the row is gone. A domain is never renamed: every HA1 of its
-- users is computed with its name.

-- Text that reaches FreeSWITCH. It expands ${…}, splits dial-strings at , | and :_:, reads [ ] { } < > ^^ as variables and
-- ; ' \ as quotes, and executes lines with x-pre-process: refused here too, whoever writes.
create domain safe_text as text check (
  length(value) <= 512
  and value !~ '[[:cntrl:]$`\\{}<>|;,"''\[\]]'
  and value !~* 'x-pre-process'
  and position('^^' in value) = 0
  and position(':_:' in value) = 0
);
create domain sip_domain as text check (
  value ~ '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$' and position('..' in value) = 0
);
create domain sip_user as text check (value ~ '^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$');
create domain plain_name as text check (value ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');
create domain e164 as text check (value ~ '^\+[1-9][0-9]{2,14}$');
create domain text_map as jsonb default '{}' check (jsonb_typeof(value) = 'object');

create table tenants (
  id bigint generated always as identity primary key,
  name plain_name not null unique,
  created_at timestamptz not null default now()
);

create table dispatch_sets (
  set_id integer primary key check (set_id >= 0),
  name plain_name not null unique,
  description text not null default ''
);

create table domains (
  name sip_domain primary key,
  tenant plain_name not null references tenants (name) on update cascade,
  enabled boolean not null default true,
  country text check (country ~ '^[A-Z]{2}$'),
  area_code text check (area_code ~ '^[0-9]{1,6}$'),
  international_prefix text not null default '00' check (international_prefix ~ '^[0-9]{1,5}$'),
  context plain_name,
  dial_string text,
  cacheable_ms integer check (cacheable_ms between 1 and 86400000),
  node plain_name,
  dispatch_set integer references dispatch_sets (set_id),
  params text_map not null default '{}',
  variables text_map not null default '{}',
  created_at timestamptz not null default now()
);
comment on column domains.country is 'ISO 3166-1 alpha-2: how national numbers of this domain become E.164';
comment on column domains.dial_string is 'overrides the default dial-string; written by administrators only, FreeSWITCH expands it';
comment on column domains.cacheable_ms is 'opt-in: how long FreeSWITCH may cache a user; names that would collide in its cache are refused';

create table users (
  id bigint generated always as identity primary key,
  domain sip_domain not null references domains (name) on delete cascade,
  user_id sip_user not null,
  number_alias sip_user,
  enabled boolean not null default true,
  ha1 text not null check (ha1 ~ '^[0-9a-f]{32}$'),
  ha1b text not null check (ha1b ~ '^[0-9a-f]{32}$'),
  caller_id_name safe_text,
  caller_id_number text check (caller_id_number ~ '^\+?[0-9*#]{1,32}$'),
  outbound_caller_id_name safe_text,
  outbound_caller_id_number text check (outbound_caller_id_number ~ '^\+?[0-9*#]{1,32}$'),
  accountcode plain_name,
  context plain_name,
  toll_allow text check (toll_allow ~ '^[a-z0-9_-]+(,[a-z0-9_-]+)*$'),
  max_registrations integer check (max_registrations between 1 and 1000),
  allowed_cidrs cidr[] not null default '{}',
  vm_enabled boolean not null default true,
  vm_a1_hash text check (vm_a1_hash ~ '^[0-9a-f]{32}$'),
  vm_may_change_password boolean not null default true,
  vm_mailto text,
  vm_settings text_map not null default '{}',
  reverse_auth_user safe_text,
  reverse_auth_password_encrypted text,
  esl_password_encrypted text,
  esl_allowed_log boolean not null default false,
  esl_allowed_events text not null default 'none' check (esl_allowed_events ~ '^[A-Z_a-z ]{1,200}$'),
  esl_allowed_api text not null default 'none' check (esl_allowed_api ~ '^[a-z_ ]{1,200}$'),
  params text_map not null default '{}',
  variables text_map not null default '{}',
  created_at timestamptz not null default now(),
  unique (domain, user_id)
);
comment on column users.ha1 is 'MD5(user_id:domain:password): a secret like the password itself';
comment on column users.ha1b is 'MD5(user_id@domain:domain:password), what Kamailio asks for when the user name carries its domain';
-- names match case-insensitively in FreeSWITCH, so 1001a and 1001A would be one user
create unique index users_by_name on users (domain, lower(user_id));
create unique index users_by_alias on users (domain, lower(number_alias)) where number_alias is not null;

create table groups (
  domain sip_domain not null references domains (name) on delete cascade,
  name plain_name not null,
  params text_map not null default '{}',
  variables text_map not null default '{}',
  primary key (domain, name)
);
create unique index groups_by_name on groups (domain, lower(name));

create table group_members (
  domain sip_domain not null,
  group_name plain_name not null,
  user_id sip_user not null,
  position integer not null default 0,
  primary key (domain, group_name, user_id),
  foreign key (domain, group_name) references groups (domain, name) on delete cascade on update cascade,
  foreign key (domain, user_id) references users (domain, user_id) on delete cascade on update cascade
);
create index group_members_by_user on group_members (domain, user_id);

create table did_routing (
  id bigint generated always as identity primary key,
  did e164 not null,
  domain sip_domain not null references domains (name) on delete cascade,
  dest_type text not null check (dest_type in ('extension', 'queue', 'ivr', 'conference', 'voicemail', 'external')),
  destination text not null check (destination ~ '^\+?[A-Za-z0-9*#][A-Za-z0-9._*#-]{0,63}$'),
  priority integer not null default 0,
  active boolean not null default true,
  description text not null default '',
  time_zone text,
  windows jsonb not null default '[]' check (jsonb_typeof(windows) = 'array'),
  fail_forward e164,
  unique (did, priority)
);
comment on column did_routing.priority is 'rows of one DID are tried from the highest priority down';
comment on column did_routing.windows is 'time windows in time_zone; empty: always';
create index did_routing_by_domain on did_routing (domain);

create table trunks (
  id bigint generated always as identity primary key,
  name plain_name not null unique,
  tenant plain_name references tenants (name) on delete cascade on update cascade,
  host text not null check (host ~ '^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252})$'),
  port integer not null default 5060 check (port between 1 and 65535),
  transport text not null default 'udp' check (transport in ('udp', 'tcp', 'tls')),
  auth_username safe_text,
  auth_password_encrypted text,
  auth_realm safe_text,
  registers_on plain_name,
  max_channels integer check (max_channels >= 0),
  max_cps integer check (max_cps >= 0),
  codecs text check (codecs ~ '^[A-Za-z0-9@._,-]{1,200}$'),
  headers text_map not null default '{}',
  is_emergency boolean not null default false,
  enabled boolean not null default true
);
comment on column trunks.tenant is 'NULL: shared by all tenants';
comment on column trunks.registers_on is 'switchname of the node that registers with the carrier; NULL: no registration';

create table trunk_routing (
  id bigint generated always as identity primary key,
  prefix text not null check (prefix ~ '^[0-9]{0,15}$'),
  domain sip_domain references domains (name) on delete cascade,
  caller_prefix text not null default '' check (caller_prefix ~ '^[0-9]{0,15}$'),
  trunk plain_name not null references trunks (name) on delete cascade on update cascade,
  priority integer not null default 0,
  weight integer not null default 1 check (weight between 0 and 1000000),
  strip integer not null default 0 check (strip between 0 and 15),
  prepend text not null default '' check (prepend ~ '^\+?[0-9*#]{0,15}$'),
  caller_id_rewrite text check (caller_id_rewrite ~ '^\+?[0-9]{1,15}$'),
  cost_per_minute numeric(12, 6),
  time_zone text,
  windows jsonb not null default '[]' check (jsonb_typeof(windows) = 'array'),
  active boolean not null default true
);
comment on column trunk_routing.prefix is 'E.164 digits without the plus; empty matches every number';
comment on column trunk_routing.domain is 'NULL: any domain';
create index trunk_routing_by_prefix on trunk_routing (prefix);
create index trunk_routing_by_domain on trunk_routing (domain);
create index trunk_routing_by_trunk on trunk_routing (trunk);

create table nodes (
  id bigint generated always as identity primary key,
  switchname plain_name not null unique,
  esl_host text not null check (esl_host ~ '^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252})$'),
  esl_port integer not null default 8021 check (esl_port between 1 and 65535),
  esl_password_encrypted text not null,
  sip_uri text check (sip_uri ~ '^sips?:[A-Za-z0-9.:\[\]-]+(;transport=(udp|tcp|tls))?$'),
  sip_profile plain_name not null default 'internal',
  region plain_name,
  max_sessions integer check (max_sessions >= 0),
  state text not null default 'active' check (state in ('active', 'draining', 'disabled')),
  http_password_hash text check (http_password_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null default now()
);
comment on column nodes.http_password_hash is 'SHA-256 of the generated password of this node''s own HTTP credential (its user name is the switchname)';
alter table domains add foreign key (node) references nodes (switchname) on delete set null on update cascade;
alter table trunks add foreign key (registers_on) references nodes (switchname) on delete set null on update cascade;

create table dispatch_members (
  set_id integer not null references dispatch_sets (set_id) on delete cascade,
  node plain_name not null references nodes (switchname) on delete cascade on update cascade,
  priority integer not null default 0,
  weight integer not null default 50 check (weight between 0 and 100),
  primary key (set_id, node)
);

create table dest_type_sets (
  dest_type text primary key check (dest_type in ('extension', 'queue', 'ivr', 'conference', 'voicemail', 'external')),
  set_id integer not null references dispatch_sets (set_id) on delete cascade
);
comment on table dest_type_sets is 'kinds of destination that live on servers of their own, such as conferences and queues';

create table caller_regions (
  caller cidr primary key,
  region plain_name not null
);

create table proxies (
  id bigint generated always as identity primary key,
  name plain_name not null unique,
  address cidr not null,
  sip_port integer not null default 5060 check (sip_port between 1 and 65535),
  rpc_url text check (rpc_url ~ '^https?://[^[:space:][:cntrl:]]+$' and length(rpc_url) <= 500)
);
comment on table proxies is 'our Kamailios: correlation headers count only from these addresses and from nodes';

create table api_tokens (
  id bigint generated always as identity primary key,
  name plain_name not null unique,
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  role text not null check (role in ('administrator', 'operator', 'tenant', 'viewer')),
  tenant plain_name references tenants (name) on delete cascade on update cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  check (role <> 'tenant' or tenant is not null)
);

create table node_commands (
  id bigint generated always as identity primary key,
  node plain_name not null,
  command text not null check (command in ('pause-inbound', 'resume-inbound', 'gateway-rescan', 'flush-user')),
  argument safe_text,
  requested_at timestamptz not null default now(),
  requested_by text not null default '',
  started_at timestamptz,
  finished_at timestamptz,
  succeeded boolean,
  reply text
);
comment on table node_commands is 'commands to nodes, run by the collector that holds the node';
create index node_commands_waiting on node_commands (node, id) where finished_at is null;

create table discovered_nodes (
  switchname text primary key check (switchname ~ '^[^[:cntrl:]]{1,200}$'),
  address text,
  seen_by text not null,
  reason text not null,
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  sightings bigint not null default 1
);
comment on table discovered_nodes is 'switchnames that nobody configured, written by the edge that saw them';

-- ── A DID belongs to one domain ─────────────────────────────────────────────────────────────────────────────────
-- Its rows are its priorities. The advisory lock makes the check hold against a writer in another transaction.
create function refuse_did_of_two_domains() returns trigger language plpgsql as $$
declare
  taken record;
begin
  perform pg_advisory_xact_lock(hashtext('switchfleet.did_routing'));
  select other.did, other.domain into taken
    from new_rows join did_routing other on other.did = new_rows.did and other.domain <> new_rows.domain
    limit 1;
  if found then
    raise exception 'DID % already belongs to another domain', taken.did
      using errcode = 'unique_violation', constraint = 'did_routing_one_domain', table = 'did_routing';
  end if;
  return null;
end $$;
create trigger did_routing_one_domain_insert after insert on did_routing
  referencing new table as new_rows for each statement execute function refuse_did_of_two_domains();
create trigger did_routing_one_domain_update after update on did_routing
  referencing new table as new_rows for each statement execute function refuse_did_of_two_domains();

-- ── The change log ──────────────────────────────────────────────────────────────────────────────────────────────
-- A reader that has seen revision N has seen every committed change up to N. So the revision is drawn when the
-- transaction commits (deferred trigger), under a lock that is held until the commit is visible: revisions are
-- committed in the order they are drawn. NOTIFY only wakes the readers; they poll as well.
create sequence config_revision;

create table config_changes (
  id bigint generated always as identity primary key,
  revision bigint unique,
  table_name text not null,
  domain text,
  keys text[] not null,
  changed_at timestamptz not null default now()
);
comment on column config_changes.domain is 'NULL: fleet-wide';
comment on column config_changes.keys is 'natural keys of the changed rows, read again by who applies it; empty: all of the table';
create index config_changes_by_time on config_changes (changed_at);

create table config_change_floor (
  is_only boolean primary key default true check (is_only),
  pruned_through bigint not null default 0
);
comment on table config_change_floor is 'a reader behind this revision has lost changes and loads everything again';
insert into config_change_floor default values;

-- Says in the change log that rows changed. For tables without the trigger below: the caller decides which changes
-- count. `registrations` is one: its writer calls config_change('registrations', domain, array[lower(user_id), …])
-- in the transaction of the write, for changes of node or contact and for ends, not for refreshes.
create function config_change(table_name text, domain text, keys text[]) returns void language sql as $$
  insert into config_changes (table_name, domain, keys) values ($1, $2, $3)
$$;

create function number_config_change() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('switchfleet.config_changes'));
  update config_changes set revision = nextval('config_revision') where id = new.id;
  perform pg_notify('switchfleet_config', '');
  return null;
end $$;
create constraint trigger config_changes_number after insert on config_changes
  deferrable initially deferred for each row execute function number_config_change();

-- tg_argv: the expressions that give a row's domain and its key. One log row for each domain and 1,000 keys.
create function record_config_change() returns trigger language plpgsql as $$
declare
  columns text := format('%s as domain, %s as key', tg_argv[0], tg_argv[1]);
  changed text := case tg_op
    when 'INSERT' then format('select %s from new_rows', columns)
    when 'DELETE' then format('select %s from old_rows', columns)
    when 'UPDATE' then format('select %1$s from new_rows union select %1$s from old_rows', columns)
  end;
begin
  if tg_op = 'TRUNCATE' then
    perform config_change(tg_table_name, null, '{}');
    return null;
  end if;
  execute format(
    'insert into config_changes (table_name, domain, keys)
     select $1, domain, array_agg(key) from (
       select domain, key, (row_number() over (partition by domain order by key) - 1) / 1000 as chunk
       from (select distinct domain, key from (%s) rows) keys
     ) chunks group by domain, chunk order by domain, chunk', changed) using tg_table_name;
  return null;
end $$;

do $$
declare
  watched record;
begin
  for watched in select * from (values
    ('tenants', 'null::text', 'name::text'),
    ('domains', 'name::text', 'name::text'),
    ('users', 'domain::text', 'lower(user_id)'),
    ('groups', 'domain::text', 'lower(name)'),
    ('group_members', 'domain::text', 'lower(group_name)'),
    ('did_routing', 'domain::text', 'did::text'),
    ('trunks', 'null::text', 'name::text'),
    ('trunk_routing', 'domain::text', 'prefix'),
    ('nodes', 'null::text', 'switchname::text'),
    ('dispatch_sets', 'null::text', 'set_id::text'),
    ('dispatch_members', 'null::text', 'set_id::text'),
    ('dest_type_sets', 'null::text', 'dest_type'),
    ('caller_regions', 'null::text', 'caller::text'),
    ('proxies', 'null::text', 'name::text'),
    ('api_tokens', 'null::text', 'token_hash')
  ) as tables (name, domain, key) loop
    execute format('create trigger %1$I after insert on %2$I referencing new table as new_rows
      for each statement execute function record_config_change(%3$L, %4$L)', watched.name || '_inserted', watched.name, watched.domain, watched.key);
    execute format('create trigger %1$I after update on %2$I referencing old table as old_rows new table as new_rows
      for each statement execute function record_config_change(%3$L, %4$L)', watched.name || '_updated', watched.name, watched.domain, watched.key);
    execute format('create trigger %1$I after delete on %2$I referencing old table as old_rows
      for each statement execute function record_config_change(%3$L, %4$L)', watched.name || '_deleted', watched.name, watched.domain, watched.key);
    execute format('create trigger %1$I after truncate on %2$I
      for each statement execute function record_config_change(%3$L, %4$L)', watched.name || '_truncated', watched.name, watched.domain, watched.key);
  end loop;
end $$;

insert into tenants (name) values ('default');
