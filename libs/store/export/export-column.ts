/** What a value is, which decides how it is written. */
export type ColumnKind = 'text' | 'number' | 'boolean' | 'time' | 'list';

/** A column of an export. */
export interface ExportColumn {
  /** with its unit: duration_s, pdd_ms */
  name: string;
  kind: ColumnKind;
  /** SQL over `calls c` or `legs l` */
  sql: string;
}

const column = (kind: ColumnKind) => (name: string, sql: string) => ({ name, kind, sql });
const text = column('text');
const number = column('number');
const time = column('time');
const list = column('list');
const truth = column('boolean');

export const CALL_EXPORT: readonly ExportColumn[] = [
  text('id', 'c.id'),
  time('start_at', 'c.start_at'),
  time('answer_at', 'c.answer_at'),
  time('end_at', 'c.end_at'),
  text('state', 'c.state'),
  text('tenant', 'c.tenant'),
  text('domain', 'c.domain'),
  text('direction', 'c.direction'),
  text('caller_id_name', 'c.caller_id_name'),
  text('caller', 'c.caller'),
  text('callee', 'c.callee'),
  text('did', 'c.did'),
  text('trunk', 'c.trunk'),
  list('nodes', 'c.nodes'),
  number('duration_s', 'c.duration'),
  number('billsec_s', 'c.billsec'),
  number('pdd_ms', 'c.pdd_ms'),
  text('disposition', 'c.disposition'),
  text('hangup_cause', 'c.hangup_cause'),
  text('hangup_by', 'c.hangup_by'),
  text('answered_by', 'c.answered_by'),
  number('mos', 'c.mos'),
  list('legs', 'c.legs'),
  list('recording_paths', 'c.recording_paths'),
];

export const LEG_EXPORT: readonly ExportColumn[] = [
  text('uuid', 'l.uuid'),
  text('call_id', 'l.call_id'),
  time('start_at', 'l.start_at'),
  time('progress_at', 'l.progress_at'),
  time('answer_at', 'l.answer_at'),
  time('end_at', 'l.end_at'),
  text('node', 'l.node'),
  text('direction', 'l.direction'),
  text('tenant', 'l.tenant'),
  text('domain', 'l.domain'),
  text('caller_id_name', 'l.caller_id_name'),
  text('caller_id_number', 'l.caller_id_number'),
  text('destination_number', 'l.destination_number'),
  text('trunk', 'l.trunk'),
  text('accountcode', 'l.accountcode'),
  text('sip_call_id', 'l.sip_call_id'),
  number('duration_s', 'l.duration'),
  number('billsec_s', 'l.billsec'),
  text('hangup_cause', 'l.hangup_cause'),
  number('sip_status', 'l.sip_status'),
  text('ended_by', 'l.ended_by'),
  truth('is_interrupted', 'l.is_interrupted'),
  number('mos', 'l.mos'),
  list('recording_paths', 'l.recording_paths'),
];
