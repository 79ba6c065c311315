-- Indexes that cost the merger more than they give.
--
-- A leg's row is made before it is folded, and only then gets its numbers: without them it needs no entry among numbers. And
-- an index with a condition on a column that changes often (the application that a leg runs) makes every such change write
-- to all indexes. Who looks for a deflected call knows the caller's number: legs_by_caller finds it.

drop index legs_deflected;
drop index legs_by_caller;
create index legs_by_caller on legs (caller_id_number text_pattern_ops, start_at) where caller_id_number is not null;
drop index legs_by_destination;
create index legs_by_destination on legs (destination_number text_pattern_ops, start_at) where destination_number is not null;
