-- Rows made of another system's history. Such a system knows whole seconds only, so its row of a leg has another key than
-- FreeSWITCH's own CDR of it, which may come later (a spool that was found, a server that posts to both): the writer
-- looks for these rows by uuid and a start within two seconds, and the real CDR takes their place.

alter table cdr add column imported boolean not null default false;
comment on column cdr.imported is 'made of another system''s row (cdr import --csv, --postgres); the leg''s own CDR takes its place';

create index cdr_imported on cdr (uuid, start_at) where imported;
