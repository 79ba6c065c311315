-- What a release without calls_outbox published is not published once more when the next one comes (back): it notes the revision
-- in calls, and nothing else in the row changes.
create function forget_published_call() returns trigger language plpgsql as $$
begin
  delete from calls_outbox where call_id = new.id and revision <= new.published_revision;
  return null;
end
$$;
create trigger calls_published after update on calls for each row
  when (new.revision = old.revision and new.published_revision > old.published_revision) execute function forget_published_call();
