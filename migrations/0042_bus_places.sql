-- A publish tells where its records went, so that readers of the same process need not fetch what is still in memory.

drop function bus_publish(text, smallint[], integer[], integer[], text[], text[]);

-- As before. Gives the topic's number, the moment in microseconds since 1970, and the offset that the first record of
-- each of the 16 partitions got.
create function bus_publish(topic text, partitions smallint[], ranks integer[], counts integer[], keys text[], vals text[],
  out topic_number smallint, out moment_us bigint, out firsts bigint[])
language plpgsql as $$
declare
  moment timestamptz;
begin
  select id into topic_number from bus_topics where name = topic;
  if topic_number is null then
    insert into bus_topics (name) values (topic) on conflict (name) do nothing;
    select id into topic_number from bus_topics where name = topic;
  end if;
  perform pg_advisory_xact_lock(hashtext('switchfleet.bus_topic'), topic_number);
  select next_offsets into firsts from bus_topics where id = topic_number;
  moment := clock_timestamp();
  moment_us := (extract(epoch from moment) * 1000000)::bigint;
  insert into bus_records (topic_id, partition, record_offset, published_at, bytes, key, value)
    select topic_number, p, firsts[p + 1] + r, moment, octet_length(v), k, v
    from unnest(partitions, ranks, keys, vals) as u (p, r, k, v);
  update bus_topics
    set next_offsets = array(select f + c from unnest(firsts, counts) with ordinality as u (f, c, i) order by i)
    where id = topic_number;
end $$;
