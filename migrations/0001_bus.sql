-- The bus in PostgreSQL: a log of records by topic, in 16 hash partitions a topic, kept by day of publishing.

create table bus_topics (
  id smallint generated always as identity primary key,
  name text not null unique,
  -- the offset that the next record of partition 0 … 15 gets
  next_offsets bigint[] not null default array_fill(0::bigint, array[16])
    check (array_length(next_offsets, 1) = 16)
) with (fillfactor = 10);
comment on column bus_topics.next_offsets is 'one row a topic, updated by each publish: room for it on its page keeps it from growing';

create table bus_records (
  topic_id smallint not null,
  partition smallint not null check (partition between 0 and 15),
  record_offset bigint not null,
  published_at timestamptz not null,
  bytes integer not null,
  key text not null,
  -- JSON as it came: the database never parses it
  value text not null,
  primary key (topic_id, partition, record_offset, published_at)
) partition by range (published_at);
-- What is read once and dropped soon is not worth compressing.
alter table bus_records alter column value set storage external;
create table bus_records_default partition of bus_records default;

-- Appends records to a topic. `ranks` number the records of each partition from 0, `counts` say how many each of the 16
-- partitions gets. The lock is held until commit, so offsets become visible in their order: a reader that has seen an
-- offset has seen all before it. (Numbers of a sequence would be committed out of order.)
create function bus_publish(topic text, partitions smallint[], ranks integer[], counts integer[], keys text[], vals text[])
returns void language plpgsql as $$
declare
  topic_number smallint;
  firsts bigint[];
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
  insert into bus_records (topic_id, partition, record_offset, published_at, bytes, key, value)
    select topic_number, p, firsts[p + 1] + r, moment, octet_length(v), k, v
    from unnest(partitions, ranks, keys, vals) as u (p, r, k, v);
  update bus_topics
    set next_offsets = array(select f + c from unnest(firsts, counts) with ordinality as u (f, c, i) order by i)
    where id = topic_number;
end $$;

-- Members of consumer groups. A member that does not renew its row in time is taken for dead.
create table bus_members (
  group_name text not null,
  member_id text not null,
  topics text[] not null,
  expires_at timestamptz not null,
  primary key (group_name, member_id)
) with (fillfactor = 50);

-- Where each group stands. A partition changes hands with a new generation, and a commit with an old one changes nothing.
create table bus_positions (
  group_name text not null,
  topic_id smallint not null references bus_topics (id),
  partition smallint not null,
  -- the first offset that is not applied yet
  next_offset bigint not null default 0,
  generation bigint not null default 0,
  member_id text,
  updated_at timestamptz not null default now(),
  primary key (group_name, topic_id, partition)
) with (fillfactor = 50);
