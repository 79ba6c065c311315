-- A trunk that a node registers reaches the node when it reads its gateways anew: it is told to when such a trunk changes.

alter table node_commands add column due_at timestamptz not null default now();
comment on column node_commands.due_at is 'not run before';

-- FreeSWITCH passes over a gateway that it still has, and forgets a removed one only when that has unregistered, a second or
-- two later; and what it reads comes from directory, which knows of a change within a second: it reads after five.
-- A trunk without a SIP profile is taken to stand where FreeSWITCH's example configuration has its carriers: in "external".
create function tell_gateway() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' and old.enabled then
    insert into node_commands (node, command, argument, requested_by, due_at)
      select switchname, 'gateway-remove', coalesce(old.sip_profile, 'external') || ' ' || old.name, 'trunks', clock_timestamp()
      from nodes where switchname = old.registers_on;
  end if;
  if tg_op <> 'DELETE' and new.enabled then
    insert into node_commands (node, command, argument, requested_by, due_at)
      select switchname, 'gateway-rescan', coalesce(new.sip_profile, 'external'), 'trunks', clock_timestamp() + interval '5 seconds'
      from nodes
      where switchname = new.registers_on and not exists (
        -- once for all trunks of a transaction
        select from node_commands other
        where other.node = nodes.switchname and other.finished_at is null and other.requested_at = now()
          and other.command = 'gateway-rescan' and other.argument = coalesce(new.sip_profile, 'external'));
  end if;
  return null;
end $$;

-- Deferred: the five seconds begin at the commit, however long an import takes.
create constraint trigger trunks_tell_inserted after insert on trunks deferrable initially deferred
  for each row when (new.registers_on is not null) execute function tell_gateway();
create constraint trigger trunks_tell_deleted after delete on trunks deferrable initially deferred
  for each row when (old.registers_on is not null) execute function tell_gateway();
-- By what FreeSWITCH is told of a gateway: limits, codecs and headers are routing's own.
create constraint trigger trunks_tell_updated after update on trunks deferrable initially deferred
  for each row when (
    (old.name, old.tenant, old.host, old.port, old.transport, old.auth_username, old.auth_password_encrypted, old.auth_realm,
      old.registers_on, old.sip_profile, old.enabled)
    is distinct from
    (new.name, new.tenant, new.host, new.port, new.transport, new.auth_username, new.auth_password_encrypted, new.auth_realm,
      new.registers_on, new.sip_profile, new.enabled)
  ) execute function tell_gateway();
