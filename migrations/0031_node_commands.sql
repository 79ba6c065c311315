-- Commands to nodes: a gateway that changed must be removed before a rescan reads it anew, and who runs them is told at once.

alter table node_commands drop constraint node_commands_command_check;
alter table node_commands add constraint node_commands_command_check
  check (command in ('pause-inbound', 'resume-inbound', 'gateway-rescan', 'gateway-remove', 'flush-user'));
comment on column node_commands.argument is
  'gateway-rescan: profile; gateway-remove: profile and gateway; flush-user: user@domain';
comment on column node_commands.started_at is
  'a collector took it: another one takes it again when it is not finished half a minute later';
comment on column node_commands.reply is 'what the node answered, or why it was not asked';
create index node_commands_finished on node_commands (finished_at) where finished_at is not null;

create function node_command_requested() returns trigger language plpgsql as $$
begin
  perform pg_notify('switchfleet_node_commands', new.node);
  return null;
end $$;
create trigger node_command_requested after insert on node_commands
  for each row execute function node_command_requested();
