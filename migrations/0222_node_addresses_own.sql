-- An address is a node's when the node itself says so: the one at which it is reached may be a tunnel's, a NAT's or a container
-- gateway's, and whoever else comes through that would be taken for the node. What was written down unasked is forgotten.

with forgotten as (delete from node_addresses returning node)
  select config_change('nodes', null, array_agg(node::text)) from forgotten having count(*) > 0;
alter table node_addresses add constraint node_addresses_own check (
  not (address <<= any (array['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127', '::ffff:0:0/96', 'fe80::/10', 'ff00::/8']::inet[]))
);
comment on table node_addresses is 'the address at which a collector last reached the event socket of each node, where the node calls it its own';

-- A host name that is another now meant another address: the former one may be anybody's.
create function forget_node_address() returns trigger language plpgsql as $$
begin
  delete from node_addresses where node = new.switchname;
  return null;
end $$;
create trigger nodes_forget_address after update of esl_host on nodes
  for each row when (new.esl_host is distinct from old.esl_host) execute function forget_node_address();
