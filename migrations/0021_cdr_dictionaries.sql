-- The zstd dictionaries that documents are packed with. A document says which one it needs (cdr_documents.dictionary),
-- so a row is never changed or deleted: a better dictionary is a new row.

create table cdr_dictionaries (
  id      integer primary key,
  format  text not null check (format in ('xml', 'json')),
  bytes   bytea not null,
  made_at timestamptz not null default now()
);

comment on table cdr_dictionaries is 'zstd dictionaries of cdr_documents (zstd -d -D FILE unpacks a document outside of switchfleet)';
comment on column cdr_dictionaries.id is 'below 1000: comes with switchfleet, and is written here by the writer at its start';
