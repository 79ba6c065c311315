-- Where a consumer is behind: one partition that stands still is not seen in a sum.
alter table service_status add column partition_lags jsonb;

comment on column service_status.partition_lags is '[{topic, partition, records, seconds}] of the partitions that this instance has; null where it has none';
