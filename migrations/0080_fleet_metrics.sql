-- The collectors count live calls by node every few seconds: without this, by reading all calls of a day.
create index calls_live on calls (start_at) where state = 'live';
