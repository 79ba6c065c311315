-- PostgreSQL lets everybody make temporary tables: who may only read reports could fill the disk with them. Imports need
-- them, so who may write what people configure keeps the right. Only the owner of the database can say so.
do $$
declare
  writer name;
begin
  if not exists (select from pg_database where datname = current_database() and pg_has_role(datdba, 'usage')) then
    raise notice 'temporary tables are not forbidden here: the owner of the database does it (docs/reporting.md)';
    return;
  end if;
  execute format('revoke temporary on database %I from public', current_database());
  for writer in
    select rolname from pg_roles
    where not rolsuper and rolname !~ '^pg_' and has_table_privilege(oid, 'trunks', 'insert')
  loop
    execute format('grant temporary on database %I to %I', current_database(), writer);
  end loop;
exception
  when insufficient_privilege then
    raise notice 'temporary tables are not forbidden here: the owner of the database does it (docs/reporting.md)';
end $$;
