-- Where each node's event socket was reached: what the host name of a node meant. Packets carry no names, and who sends a
-- call is known by its address.

create table node_addresses (
  node    plain_name primary key references nodes (switchname) on delete cascade on update cascade,
  address inet not null
);
comment on table node_addresses is 'the address at which a collector last reached the event socket of each node';
