-- What a report needs to add hours up: NER, ACD and MOS of a day or of a tenant are made of sums, which the views kept to
-- themselves, and minutes were rounded to hundredths in every row, so that their sum was off by a little for each of them.

create or replace view report.traffic_hourly as
select
  hour,
  nullif(tenant, '') as tenant,
  nullif(domain, '') as domain,
  nullif(direction, '') as direction,
  nullif(trunk, '') as trunk,
  nullif(node, '') as node,
  sum(attempts)::bigint as attempts,
  sum(answered)::bigint as answered,
  round(100.0 * sum(answered) / sum(attempts), 2) as asr,
  round(sum(talk_ms) / 1000.0 / nullif(sum(answered), 0), 2) as acd,
  round(100.0 * sum(effective) / sum(attempts), 2) as ner,
  report.percentile_ms(0.5, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p50_ms,
  report.percentile_ms(0.95, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p95_ms,
  round(sum(talk_ms) / 60000.0, 6) as minutes,
  round(sum(mos_centi) / 100.0 / nullif(sum(mos_calls), 0), 2) as mos,
  sum(effective)::bigint as effective,
  sum(talk_ms) / 1000.0 as billsec,
  sum(mos_calls)::bigint as mos_calls,
  sum(mos_centi) / 100.0 as mos_sum
from (select * from public.call_rollups union all select * from public.call_rollup_deltas) as parts
where grouping = 'traffic'
group by hour, parts.tenant, parts.domain, parts.direction, parts.trunk, parts.node
having sum(attempts) > 0;
comment on view report.traffic_hourly is 'Traffic by the hour, tenant, domain, direction, trunk and node. To add rows up, sum attempts, answered, effective, billsec, mos_calls and mos_sum, and divide again: ratios and percentiles do not add up';
comment on column report.traffic_hourly.minutes is 'minutes of talk, to the millionth';
comment on column report.traffic_hourly.effective is 'calls that ended as the parties chose: 100 * sum(effective) / sum(attempts) is the NER of several rows';
comment on column report.traffic_hourly.billsec is 'seconds of talk, to the millisecond: sum(billsec) / sum(answered) is the ACD of several rows';
comment on column report.traffic_hourly.mos_calls is 'calls that have a MOS';
comment on column report.traffic_hourly.mos_sum is 'sum of their MOS: sum(mos_sum) / sum(mos_calls) is the mean of several rows';

create or replace view report.traffic_hourly_by_did as
select
  hour,
  nullif(tenant, '') as tenant,
  nullif(domain, '') as domain,
  nullif(did, '') as did,
  sum(attempts)::bigint as attempts,
  sum(answered)::bigint as answered,
  round(100.0 * sum(answered) / sum(attempts), 2) as asr,
  round(sum(talk_ms) / 1000.0 / nullif(sum(answered), 0), 2) as acd,
  round(100.0 * sum(effective) / sum(attempts), 2) as ner,
  report.percentile_ms(0.5, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p50_ms,
  report.percentile_ms(0.95, array[sum(pdd_1)::bigint, sum(pdd_2)::bigint, sum(pdd_3)::bigint, sum(pdd_4)::bigint, sum(pdd_5)::bigint, sum(pdd_6)::bigint, sum(pdd_7)::bigint, sum(pdd_8)::bigint, sum(pdd_9)::bigint, sum(pdd_10)::bigint, sum(pdd_11)::bigint, sum(pdd_12)::bigint, sum(pdd_13)::bigint, sum(pdd_14)::bigint, sum(pdd_15)::bigint, sum(pdd_16)::bigint]) as pdd_p95_ms,
  round(sum(talk_ms) / 60000.0, 6) as minutes,
  round(sum(mos_centi) / 100.0 / nullif(sum(mos_calls), 0), 2) as mos,
  sum(effective)::bigint as effective,
  sum(talk_ms) / 1000.0 as billsec,
  sum(mos_calls)::bigint as mos_calls,
  sum(mos_centi) / 100.0 as mos_sum
from (select * from public.call_rollups union all select * from public.call_rollup_deltas) as parts
where grouping = 'did'
group by hour, parts.tenant, parts.domain, parts.did
having sum(attempts) > 0;
comment on view report.traffic_hourly_by_did is 'Traffic by the hour and DID: calls to numbers of ours. To add rows up, sum attempts, answered, effective, billsec, mos_calls and mos_sum, and divide again: ratios and percentiles do not add up';
comment on column report.traffic_hourly_by_did.minutes is 'minutes of talk, to the millionth';
comment on column report.traffic_hourly_by_did.effective is 'calls that ended as the parties chose: 100 * sum(effective) / sum(attempts) is the NER of several rows';
comment on column report.traffic_hourly_by_did.billsec is 'seconds of talk, to the millisecond: sum(billsec) / sum(answered) is the ACD of several rows';
comment on column report.traffic_hourly_by_did.mos_calls is 'calls that have a MOS';
comment on column report.traffic_hourly_by_did.mos_sum is 'sum of their MOS: sum(mos_sum) / sum(mos_calls) is the mean of several rows';
