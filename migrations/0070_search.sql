-- What searches of calls and legs read by. Numbers are found by their beginning (text_pattern_ops serves equality as well)
-- and by their end; with the id or start after them, the newest come first without a sort.
--
-- Legs are written in order of time, so blocks know the time of their rows: that costs a merger next to nothing.

create index calls_by_caller on calls (caller text_pattern_ops, id);
create index calls_by_callee on calls (callee text_pattern_ops, id);
create index calls_by_caller_end on calls (reverse(caller) text_pattern_ops);
create index calls_by_callee_end on calls (reverse(callee) text_pattern_ops);
create index calls_by_did on calls (did text_pattern_ops, id) where did is not null;

create index legs_by_time on legs using brin (start_at) with (pages_per_range = 16, autosummarize = on);
create index legs_by_caller on legs (caller_id_number text_pattern_ops, start_at);
create index legs_by_destination on legs (destination_number text_pattern_ops, start_at);
create index legs_by_sip_call_id on legs (sip_call_id, start_at) where sip_call_id is not null;
create index legs_by_account on legs (accountcode, start_at) where accountcode is not null;

-- Ids of calls sort by time (call_id_start), so a span of time is a range of ids.
create function call_id_floor(moment timestamptz) returns uuid language sql immutable strict parallel safe as $$
  select (substr(digits, 1, 8) || '-' || substr(digits, 9, 4) || '-0' || substr(digits, 13, 3) || '-0000-000000000000')::uuid
  from (select lpad(to_hex((extract(epoch from greatest(moment, timestamptz 'epoch')) * 1000000)::bigint), 15, '0')) as text (digits)
$$;
comment on function call_id_floor is 'the least id that a call of this moment or later can have';
