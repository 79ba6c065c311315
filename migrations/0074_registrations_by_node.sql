-- The list of nodes shows how many contacts are registered on each: counted by an index, not by reading all of them.
create index registrations_by_node on registrations (node) where not is_ended;
