import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { listTimeline, type TimelineEvent } from '../../../../libs/store/search/call-evidence.sql.ts';
import { lookUpCall } from '../../../../libs/store/search/call-lookup.ts';
import type { StoredCall, StoredLeg } from '../../../../libs/store/search/calls.ts';
import type { CommandContext } from '../../command-context.ts';
import { plainText } from '../../plain-text.ts';

const MOST_EVENTS = 200;
const LEG = ['start', 'node', 'direction', 'caller', 'dialled', 'talk', 'hangup_cause', 'uuid'];
const EVENT = ['at', 'node', 'event', 'state', 'uuid'];

/** `switchfleet calls show` */
export function defineCallShow(calls: Command, context: CommandContext): void {
  calls
    .command('show')
    .description('what happened to one call: its legs and their events')
    .argument('<id>', 'of the call, one that was superseded, the uuid of a leg, or a SIP Call-ID')
    .action((key: string) => show(context, key));
}

async function show(context: CommandContext, key: string): Promise<void> {
  const found = await context.withDatabase(async ({ read }) => {
    const seen = await lookUpCall(read, { key, tenant: undefined });
    return seen && { ...seen, timeline: await listTimeline(read, seen.legs, MOST_EVENTS) };
  });
  if (found === undefined) throw new CodedError('not-found', `there is no call or leg ${key}`);
  const { call, legs, timeline } = found;
  context.output.result(headOf(call), { ...call, legs, timeline });
  if (context.output.isJson()) return;
  context.output.table(LEG, legs, toLegRow);
  if (timeline.length > 0) context.output.table(EVENT, timeline, toEventRow);
  else context.output.remark('no events are stored of its legs: it is known by its CDRs');
}

const instant = (us: number | null) => (us === null ? '-' : new Date(us / 1000).toISOString());

function headOf(call: StoredCall): string {
  const talk = call.billsec === null ? '' : `, ${call.billsec.toFixed(1)} s of talk`;
  const words = call.state === 'live' ? 'is up' : `${call.disposition ?? 'ended'}${talk}`;
  return [
    `call ${call.id}`,
    `${plainText(call.caller ?? '?')} → ${plainText(call.callee ?? '?')}: ${words}, ${call.hangup_cause ?? ''} by ${call.hangup_by ?? '?'}`,
    `${instant(call.start_us)} to ${instant(call.end_us)}, ${call.nodes.join(' → ')}`,
    '',
  ].join('\n');
}

function toLegRow(leg: StoredLeg): Record<string, unknown> {
  return {
    start: instant(leg.start_us),
    node: leg.node,
    direction: leg.direction,
    caller: leg.caller_id_number,
    dialled: leg.destination_number,
    talk: leg.billsec === null ? null : `${leg.billsec.toFixed(1)} s`,
    hangup_cause: leg.hangup_cause,
    uuid: leg.uuid,
  };
}

function toEventRow({ at_us, node, event_name, event_subclass, headers, uuid }: TimelineEvent) {
  return {
    at: instant(at_us),
    node,
    event: event_subclass ?? event_name,
    state: headers['Answer-State'] ?? headers['Channel-State'],
    uuid,
  };
}
