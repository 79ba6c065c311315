-- What the directory needs beside the provisioning tables: names as people write them, free params that cannot harm,
-- gateways by profile, and a cache that is told about changes.

-- People are called O'Brien and "Smith, Jane". Their names stand in variables of the directory, which FreeSWITCH sets and
-- does not expand; they are never put into an action, a dial-string or a gateway. The rest stays refused.
create domain display_name as text check (
  length(value) <= 128
  and value !~ '[[:cntrl:]$`\\{}<>|;"\[\]]'
  and value !~* 'x-pre-process'
  and position('^^' in value) = 0
  and position(':_:' in value) = 0
);
alter table users
  alter column caller_id_name type display_name,
  alter column outbound_caller_id_name type display_name;

-- A mailer of FreeSWITCH is run with these addresses.
alter table users add check (
  vm_mailto is null or (length(vm_mailto) <= 512
    and vm_mailto ~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(,[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)*$')
);

-- Free params, variables and voicemail settings: names and values as safe_text wants them.
create function are_safe_pairs(pairs jsonb) returns boolean immutable language sql as $$
  select not exists (
    select from jsonb_each(pairs) as pair (name, content)
    where name !~ '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' or name ~* 'x-pre-process'
      or jsonb_typeof(content) <> 'string'
      or length(content #>> '{}') > 512
      or content #>> '{}' ~ '[[:cntrl:]$`\\{}<>|;,"''\[\]]'
      or content #>> '{}' ~* 'x-pre-process'
      or position('^^' in content #>> '{}') > 0
      or position(':_:' in content #>> '{}') > 0
  )
$$;
alter table users add check (params = '{}' or are_safe_pairs(params)),
  add check (variables = '{}' or are_safe_pairs(variables)),
  add check (vm_settings = '{}' or are_safe_pairs(vm_settings));
alter table groups add check (params = '{}' or are_safe_pairs(params)),
  add check (variables = '{}' or are_safe_pairs(variables));
alter table domains add check (params = '{}' or are_safe_pairs(params)),
  add check (variables = '{}' or are_safe_pairs(variables));

-- An administrator's dial-string is expanded by FreeSWITCH and meant to be; it is one line all the same.
alter table domains add check (
  dial_string is null or (length(dial_string) <= 1000 and dial_string !~ '[[:cntrl:]]' and dial_string !~* 'x-pre-process'
    and position('$${' in dial_string) = 0)
);

alter table trunks add column sip_profile plain_name;
comment on column trunks.sip_profile is 'SIP profile of the node that registers; NULL: whichever asks for gateways first';

-- FreeSWITCH keeps cached users under key, user and domain written together: 10@01.example and 100@1.example are one.
create function refuse_colliding_cache() returns trigger language plpgsql as $$
declare
  other text;
begin
  if new.cacheable_ms is null then
    return new;
  end if;
  select name into other from domains
    where name <> new.name
      and (right(name, length(new.name)) = new.name or right(new.name, length(name)) = name)
    limit 1;
  if found then
    raise exception 'users of % cannot be cached: FreeSWITCH could take them for users of %', new.name, other
      using errcode = 'check_violation', constraint = 'domains_cacheable', table = 'domains';
  end if;
  return new;
end $$;
create trigger domains_cacheable before insert or update of cacheable_ms on domains
  for each row execute function refuse_colliding_cache();

-- Nothing but a command to each node makes FreeSWITCH forget a cached user.
create function flush_cached_users() returns trigger language plpgsql as $$
begin
  insert into node_commands (node, command, argument, requested_by)
    select node.switchname, 'flush-user', changed.user_id || '@' || changed.domain, 'directory'
    from (select distinct user_id, domain from old_rows) changed
    join domains domain on domain.name = changed.domain and domain.cacheable_ms is not null
    cross join nodes node;
  return null;
end $$;
create trigger users_flush_updated after update on users referencing old table as old_rows
  for each statement execute function flush_cached_users();
create trigger users_flush_deleted after delete on users referencing old table as old_rows
  for each statement execute function flush_cached_users();
