-- What analysts read: one documented view of CDRs under the names that FreeSWITCH's own templates and FusionPBX use, a
-- role that may read schema report and nothing else, and an index for each question of theirs.

create schema if not exists report;
comment on schema report is 'documented views for reports and BI tools; role switchfleet_report may read them and nothing else';

create view report.cdr as
select
  uuid,
  switch_name,
  call_uuid,
  sip_call_id,
  direction,
  caller_id_number,
  caller_id_name,
  destination_number,
  context,
  start_at as start_stamp,
  answer_at as answer_stamp,
  end_at as end_stamp,
  duration,
  billsec,
  hangup_cause,
  sip_hangup_disposition,
  accountcode,
  domain,
  recording_path,
  mos,
  variables
from cdr;

comment on view report.cdr is 'One row for each leg (channel) of every server. A call over two servers has four: count calls in report.calls, not here';
comment on column report.cdr.uuid is 'the leg: its channel uuid in FreeSWITCH';
comment on column report.cdr.switch_name is 'the FreeSWITCH server that the leg was on';
comment on column report.cdr.call_uuid is 'call_uuid as FreeSWITCH says it: legs of one call on one server often share it, but not always';
comment on column report.cdr.sip_call_id is 'Call-ID of the leg''s SIP dialog: what a trace or a Kamailio log shows';
comment on column report.cdr.direction is 'inbound or outbound, as FreeSWITCH sees the leg (a call to a phone is outbound)';
comment on column report.cdr.caller_id_number is 'caller''s number of the last caller profile';
comment on column report.cdr.caller_id_name is 'caller''s name of the last caller profile';
comment on column report.cdr.destination_number is 'the number asked for, of the last caller profile';
comment on column report.cdr.context is 'dialplan context';
comment on column report.cdr.start_stamp is 'when the leg was created, with its time zone (FreeSWITCH''s clock, microseconds)';
comment on column report.cdr.answer_stamp is 'when it was answered; null when it never was';
comment on column report.cdr.end_stamp is 'when it was hung up';
comment on column report.cdr.duration is 'seconds from start to end';
comment on column report.cdr.billsec is 'seconds from answer to end; 0 when it was never answered';
comment on column report.cdr.hangup_cause is 'FreeSWITCH''s cause, such as NORMAL_CLEARING';
comment on column report.cdr.sip_hangup_disposition is 'which side ended the dialog and how: send_bye, recv_cancel, send_refuse, …';
comment on column report.cdr.accountcode is 'accountcode of the channel';
comment on column report.cdr.domain is 'domain_name of the channel, else dialed_domain; most channels have neither';
comment on column report.cdr.recording_path is 'where its recording is, as the dialplan named it';
comment on column report.cdr.mos is 'mean opinion score of received audio; null when no packet was received';
comment on column report.cdr.variables is 'channel variables of the configured list (CDR_VARIABLES)';

-- Roles belong to the whole server: it may be there from another database, or made by hand with a password.
do $$
begin
  if not exists (select from pg_roles where rolname = 'switchfleet_report') then
    create role switchfleet_report nologin;
  end if;
exception
  when insufficient_privilege then
    raise notice 'role switchfleet_report is missing and may not be created here: a superuser creates it';
  when duplicate_object or unique_violation then
    null;
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'switchfleet_report') then
    grant usage on schema report to switchfleet_report;
    grant select on all tables in schema report to switchfleet_report;
    alter default privileges in schema report grant select on tables to switchfleet_report;
  end if;
end $$;

-- A Call-ID is asked for with or without a time: with one, only its partition is read.
drop index cdr_sip_call_id;
create index cdr_sip_call_id on cdr (sip_call_id, start_at desc) where sip_call_id is not null;
