-- Who replays a reject says so here while it is on its way to the bus: a lock, and a connection, would be held for as long as the bus
-- takes, and the writer would wait for both.
alter table cdr_rejects add column replaying_since timestamptz;

comment on column cdr_rejects.replaying_since is 'when a replay that has not ended took it; the writer that sets it aside again takes that back';
