-- A call that was finished and was changed by evidence that came later is shown as corrected: the revision that it was
-- finished with is what later ones are compared to. Calls that were finished before this are not known to be corrected.
alter table calls add column finished_revision integer;

comment on column calls.finished_revision is 'the revision that it was finished with for the first time; a higher one corrects it';
