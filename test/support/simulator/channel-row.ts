import type { SimulatedEvent } from './simulated-event.ts';

/** Columns of `show channels as json`, in FreeSWITCH's order. */
export const CHANNEL_COLUMNS = [
  ...[
    'uuid',
    'direction',
    'created',
    'created_epoch',
    'name',
    'state',
    'cid_name',
    'cid_num',
    'ip_addr',
    'dest',
  ],
  ...['application', 'application_data', 'dialplan', 'context', 'read_codec', 'read_rate', 'read_bit_rate'],
  ...['write_codec', 'write_rate', 'write_bit_rate', 'secure', 'hostname', 'presence_id', 'presence_data'],
  ...[
    'accountcode',
    'callstate',
    'callee_name',
    'callee_num',
    'callee_direction',
    'call_uuid',
    'sent_callee_name',
  ],
  ...['sent_callee_num', 'initial_cid_name', 'initial_cid_num', 'initial_ip_addr', 'initial_dest'],
  ...['initial_dialplan', 'initial_context'],
] as const;

type Column = (typeof CHANNEL_COLUMNS)[number];
export type ChannelRow = Record<Column, string>;
type Update = Partial<Record<Column, string>>;

/** Where a column's value stands in an event. */
type Sources = Partial<Record<Column, string>>;

const CALLER: Sources = {
  cid_name: 'Caller-Caller-ID-Name',
  cid_num: 'Caller-Caller-ID-Number',
  callee_name: 'Caller-Callee-ID-Name',
  callee_num: 'Caller-Callee-ID-Number',
  ip_addr: 'Caller-Network-Addr',
  dest: 'Caller-Destination-Number',
  dialplan: 'Caller-Dialplan',
  context: 'Caller-Context',
};
const CODECS: Sources = {
  read_codec: 'Channel-Read-Codec-Name',
  read_rate: 'Channel-Read-Codec-Rate',
  read_bit_rate: 'Channel-Read-Codec-Bit-Rate',
  write_codec: 'Channel-Write-Codec-Name',
  write_rate: 'Channel-Write-Codec-Rate',
  write_bit_rate: 'Channel-Write-Codec-Bit-Rate',
};
const PRESENCE: Sources = {
  presence_id: 'Channel-Presence-ID',
  presence_data: 'Channel-Presence-Data',
  accountcode: 'variable_accountcode',
};
const UPDATE: Sources = {
  cid_name: 'Caller-Caller-ID-Name',
  cid_num: 'Caller-Caller-ID-Number',
  callee_name: 'Caller-Callee-ID-Name',
  callee_num: 'Caller-Callee-ID-Number',
  sent_callee_name: 'Sent-Callee-ID-Name',
  sent_callee_num: 'Sent-Callee-ID-Number',
  callee_direction: 'Direction',
};
/** Which event changes which columns (switch_core_sqldb.c, checked against recorded replies). */
const BY_EVENT: Readonly<Record<string, Sources>> = {
  CODEC: CODECS,
  CHANNEL_ANSWER: CODECS,
  CHANNEL_PROGRESS_MEDIA: CODECS,
  CHANNEL_EXECUTE: { application: 'Application', application_data: 'Application-Data', ...PRESENCE },
  CHANNEL_ORIGINATE: { ...PRESENCE, call_uuid: 'Channel-Call-UUID' },
  CALL_UPDATE: UPDATE,
};
/** FreeSWITCH leaves these out of the table: a leg whose CDR is being posted is still listed as it was. */
const UNLISTED_STATES = new Set(['CS_NEW', 'CS_HANGUP', 'CS_REPORTING', 'CS_DESTROY']);

/** A channel as CHANNEL_CREATE enters it. */
export function newChannelRow(event: SimulatedEvent, switchname: string): ChannelRow {
  const { headers } = event;
  const row = Object.fromEntries(CHANNEL_COLUMNS.map((column) => [column, ''])) as ChannelRow;
  return Object.assign(row, pick(event, CODECS), {
    uuid: headers['Unique-ID'] ?? '',
    direction: headers['Call-Direction'] ?? '',
    created: headers['Event-Date-Local'] ?? '',
    created_epoch: String(Math.floor(Number(headers['Event-Date-Timestamp'] ?? 0) / 1e6)),
    name: headers['Channel-Name'] ?? '',
    state: headers['Channel-State'] ?? '',
    callstate: headers['Channel-Call-State'] ?? '',
    dialplan: headers['Caller-Dialplan'] ?? '',
    context: headers['Caller-Context'] ?? '',
    hostname: switchname,
    initial_cid_name: headers['Caller-Caller-ID-Name'] ?? '',
    initial_cid_num: headers['Caller-Caller-ID-Number'] ?? '',
    initial_ip_addr: headers['Caller-Network-Addr'] ?? '',
    initial_dest: headers['Caller-Destination-Number'] ?? '',
    initial_dialplan: headers['Caller-Dialplan'] ?? '',
    initial_context: headers['Caller-Context'] ?? '',
  });
}

/** Whether an event may change its channel's row, told by its name alone. */
export function mayChangeRow({ name }: SimulatedEvent): boolean {
  return name === 'CHANNEL_CALLSTATE' || name === 'CHANNEL_STATE' || name in BY_EVENT;
}

/** What an event changes in its channel's row; undefined when nothing. */
export function channelUpdate(event: SimulatedEvent): Update | undefined {
  if (event.name === 'CHANNEL_CALLSTATE') return callStateUpdate(event);
  if (event.name === 'CHANNEL_STATE') return stateUpdate(event);
  const sources = BY_EVENT[event.name];
  return sources === undefined ? undefined : pick(event, sources);
}

function callStateUpdate({ headers }: SimulatedEvent): Update | undefined {
  const callstate = headers['Channel-Call-State'];
  return callstate === undefined || callstate === 'DOWN' || callstate === 'HANGUP'
    ? undefined
    : { callstate };
}

function stateUpdate(event: SimulatedEvent): Update | undefined {
  const state = event.headers['Channel-State'];
  if (state === undefined || UNLISTED_STATES.has(state)) return undefined;
  return state === 'CS_ROUTING' ? { state, ...pick(event, CALLER) } : { state };
}

function pick({ headers }: SimulatedEvent, sources: Sources): Update {
  return Object.fromEntries(
    Object.entries(sources).map(([column, header]) => [column, headers[header] ?? '']),
  );
}
