import type { ChannelTable } from './channel-table.ts';
import type { SessionLimits } from './heartbeat.ts';
import type { NodeCore, NodeName } from './node-core.ts';
import type { RegistrationTable } from './registration-table.ts';
import { uptimeWords } from './uptime.ts';

/** What the answers are made of. */
export interface ApiFacts {
  name: NodeName;
  core: NodeCore;
  channels: ChannelTable;
  registrations: RegistrationTable;
  limits: SessionLimits;
  paused: boolean;
  setPaused(paused: boolean): void;
}

type Answer = (facts: ApiFacts, rest: string) => string;

const ANSWERS: Readonly<Record<string, Answer>> = {
  status,
  show,
  version: ({ core }) => `FreeSWITCH Version ${core.version} ( 64bit)\n`,
  hostname: ({ name }) => name.hostname,
  switchname: ({ name }) => name.switchname,
  strmicroepoch: ({ core }) => String(core.startedUs + core.uptimeUs),
  uptime: ({ core }, unit) => uptime(core.uptimeUs, unit),
  global_getvar: ({ core }, variable) => (variable === 'core_uuid' ? core.uuid : ''),
  eval: ({ core }, text) => text.replace(/\$\{core_uuid\}/g, core.uuid),
  fsctl,
  uuid_dump: uuidDump,
  uuid_exists: ({ channels }, uuid) => String(channels.has(uuid)),
  xml_flush_cache: () => '+OK cleared 0 entries\n',
  reloadxml: () => '+OK [Success]\n',
  sofia: (_, rest) => (/^profile \S+ rescan/.test(rest) ? '+OK scan complete\n' : '-ERR not simulated\n'),
};

/** Answers `api COMMAND` in FreeSWITCH's exact formats; '' stands for a command without a reply. */
export function answerApi(facts: ApiFacts, command: string): string {
  const [, name = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(command) ?? [];
  const answer = ANSWERS[name];
  return answer === undefined ? `-ERR ${name} Command not found!\n` : answer(facts, rest);
}

function status({ core, channels, limits, paused }: ApiFacts): string {
  return [
    `UP ${uptimeWords(core.uptimeUs)}`,
    `FreeSWITCH (Version ${core.version.replace('~', '  ')}) is ${paused ? 'not ready' : 'ready'}`,
    `${channels.created} session(s) since startup`,
    `${channels.size} session(s) - peak ${channels.peak}, last 5min ${channels.peak} `,
    `0 session(s) per Sec out of max ${limits.perSecond}, peak 0, last 5min 0 `,
    `${limits.sessions} session(s) max`,
    'min idle cpu 0.00/95.00',
    'Current Stack Size/Max 240K/8192K',
    '',
  ].join('\n');
}

function show(facts: ApiFacts, rest: string): string {
  const [what = '', ...form] = rest.split(/\s+/);
  const rows = tableOf(facts, what);
  if (rows === undefined) return '-USAGE: channels [count]|calls [count]|registrations [count] [as json]\n';
  if (form.includes('count')) return `\n${rows.length} total.\n`;
  if (form.join(' ') !== 'as json') return '-ERR only "as json" and "count" are simulated\n';
  return rows.length === 0 ? '{"row_count": 0}\n' : JSON.stringify({ row_count: rows.length, rows });
}

function tableOf({ channels, registrations }: ApiFacts, what: string): readonly object[] | undefined {
  if (what === 'channels') return channels.rows;
  if (what === 'calls') return channels.calls;
  return what === 'registrations' ? registrations.rows : undefined;
}

function uptime(uptimeUs: number, unit: string): string {
  const scale = { ms: 1e3, us: 1 }[unit] ?? 1e6;
  return `${Math.floor(uptimeUs / scale)}\n`;
}

function fsctl(facts: ApiFacts, rest: string): string {
  if (rest === 'pause' || rest === 'resume') {
    facts.setPaused(rest === 'pause');
    return '+OK\n';
  }
  if (rest === 'pause_check') return String(facts.paused);
  return rest === 'shutdown_check' ? 'false' : '-ERR not simulated\n';
}

/** CHANNEL_DATA: what the channel's last event with variables said, dated now. */
function uuidDump({ core, channels }: ApiFacts, rest: string): string {
  const [uuid = '', format = ''] = rest.split(/\s+/);
  const last = channels.lastFull(uuid);
  if (last === undefined) return '-ERR No such channel!\n';
  if (format !== 'json') return '-ERR only json is simulated\n';
  const own = Object.entries(last.headers).filter(([name]) => !/^(Event-|Core-UUID$|FreeSWITCH-)/.test(name));
  return core.event('CHANNEL_DATA', own).json;
}
