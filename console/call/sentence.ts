import type { CallDetail } from '../api/contract.ts';
import { formatSeconds } from '../time/duration.ts';

type Told = Pick<
  CallDetail,
  | 'state'
  | 'caller'
  | 'callee'
  | 'domain'
  | 'nodes'
  | 'start_us'
  | 'answer_us'
  | 'end_us'
  | 'billsec'
  | 'duration'
  | 'disposition'
  | 'answered_by'
  | 'hangup_by'
  | 'hangup_cause'
  | 'transfers'
>;

/** What happened to a call, in one sentence. `nowUs` says how long a call that is up has lasted. */
export function tellCall(call: Told, nowUs: number): string {
  const parts = [
    opening(call),
    ringing(call, nowUs),
    ...answering(call),
    ...moving(call),
    ...talking(call, nowUs),
    ...ending(call),
  ];
  return `${parts.filter((part) => part !== '').join(', ')}.`;
}

function opening({ caller, callee, domain, nodes, state }: Told): string {
  const verb = state === 'live' ? 'is calling' : 'called';
  const called =
    callee === null ? 'somebody' : domain === null || callee.includes('@') ? callee : `${callee}@${domain}`;
  const path = nodes.length === 0 ? '' : ` over ${listOf([...new Set(nodes)])}`;
  return `${caller ?? 'Somebody without a number'} ${verb} ${called}${path}`;
}

function ringing({ start_us, answer_us, end_us, state }: Told, nowUs: number): string {
  const until = answer_us ?? end_us ?? nowUs;
  const seconds = Math.max(0, (until - start_us) / 1_000_000);
  if (state === 'live' && answer_us === null) return `not answered for ${formatSeconds(seconds)}`;
  return seconds < 0.05 ? '' : `rang ${formatSeconds(seconds)}`;
}

const ANSWERED_BY: Readonly<Record<string, string>> = {
  voicemail: 'voicemail answered',
  conference: 'a conference took it',
  queue: 'a queue took it',
  ivr: 'the server itself answered',
};

function answering({ answer_us, answered_by }: Told): string[] {
  if (answer_us === null) return [];
  const who = ANSWERED_BY[answered_by ?? ''];
  return who === undefined ? [] : [who];
}

function moving({ transfers }: Told): string[] {
  return transfers.map(({ kind, to }) => `was transferred${to === null ? '' : ` to ${to}`} (${kind})`);
}

function talking({ answer_us, billsec, state }: Told, nowUs: number): string[] {
  if (answer_us === null) return [];
  if (state === 'live') return [`talking for ${formatSeconds(Math.max(0, nowUs - answer_us) / 1_000_000)}`];
  return billsec === null ? [] : [`talked ${formatSeconds(billsec)}`];
}

const HUNG_UP: Readonly<Record<string, string>> = {
  caller: 'the caller hung up',
  callee: 'the callee hung up',
  system: 'neither side ended it',
};

function ending({ state, disposition, hangup_by, hangup_cause }: Told): string[] {
  if (state === 'live') return [];
  if (disposition === 'busy') return ['the callee was busy'];
  if (disposition === 'no-answer') return ['nobody answered'];
  if (disposition === 'cancelled') return ['the caller gave up'];
  if (disposition === 'failed') return [`it failed: ${hangup_cause ?? 'nothing says why'}`];
  if (disposition === 'interrupted') return ['its server died'];
  const who = HUNG_UP[hangup_by ?? ''];
  return who === undefined ? [] : [who];
}

/** `fs01`, `fs01 and fs02`, `fs01, fs02 and fs03`. */
function listOf(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
