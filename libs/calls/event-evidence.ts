import type { ChannelEvent } from '../records/channel-event.ts';
import type { Bridge, LegEvidence, Moments } from './evidence.ts';
import { noEvidence } from './evidence.ts';
import { type EvidenceOptions, factsOf } from './facts.ts';
import { BIRTH_HEADERS, LATEST_HEADERS } from './kept-names.ts';
import type { Layers, Value } from './layers.ts';
import { addPartner, partnersInHeaders, partnersInVariables } from './partners.ts';

/** The two events that every leg begins with: their caller and destination are the leg's own. */
const BIRTHS = new Set(['CHANNEL_CREATE', 'CHANNEL_OUTGOING']);
const HANGUPS = new Set(['CHANNEL_HANGUP', 'CHANNEL_HANGUP_COMPLETE', 'CHANNEL_DESTROY']);

/**
 * What one event says about its leg. Undefined for an event without Caller-Channel-Created-Time (some CUSTOM ones): it
 * belongs to the timeline alone, as no leg can be named without its start.
 */
export function evidenceOfEvent(event: ChannelEvent, options: EvidenceOptions): LegEvidence | undefined {
  const start = moment(event.headers['Caller-Channel-Created-Time']);
  if (start === undefined) return undefined;
  const evidence = noEvidence({
    uuid: event.uuid,
    start_us: start,
    node: event.node,
    core_uuid: event.core_uuid,
  });
  return {
    ...evidence,
    birth: birthOf(event),
    latest: latestOf(event, options),
    moments: momentsOf(event),
    last_event_us: event.at_us,
    partners: partnersOf(event),
    bridges: bridgesOf(event),
    recordings: event.event_name === 'RECORD_START' ? textOf(event.headers['Record-File-Path']) : [],
  };
}

/** Kept for a birth only, and marked as such, or of whatever came first when the birth was never seen. */
function birthOf(event: ChannelEvent): Layers {
  const values = pick(event.headers, BIRTH_HEADERS);
  if (BIRTHS.has(event.event_name)) values['birth'] = 'seen';
  return layersOf(event, values);
}

function latestOf(event: ChannelEvent, options: EvidenceOptions): Layers {
  const values = pick(event.headers, LATEST_HEADERS);
  Object.assign(values, factsOf(event.variables, options));
  const cause = event.headers['Hangup-Cause'];
  if (cause !== undefined && HANGUPS.has(event.event_name)) values['Hangup-Cause'] = cause;
  return layersOf(event, values);
}

function layersOf({ at_us, sequence, core_uuid }: ChannelEvent, values: Record<string, Value>): Layers {
  return Object.keys(values).length === 0 ? [] : [{ at_us, sequence, core_uuid, values }];
}

function pick(headers: Readonly<Record<string, string>>, names: readonly string[]): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined) values[name] = value;
  }
  return values;
}

const MOMENT_HEADERS = {
  progress_us: 'Caller-Channel-Progress-Time',
  progress_media_us: 'Caller-Channel-Progress-Media-Time',
  answer_us: 'Caller-Channel-Answered-Time',
  hangup_us: 'Caller-Channel-Hangup-Time',
  bridged_us: 'Caller-Channel-Bridged-Time',
} as const;

/** CHANNEL_HANGUP comes at once, while the times that FreeSWITCH keeps may run on until a transferred call ends. */
function momentsOf(event: ChannelEvent): Moments {
  const moments: Moments = {};
  for (const [name, header] of Object.entries(MOMENT_HEADERS) as [keyof Moments, string][]) {
    const at = moment(event.headers[header]);
    if (at !== undefined) moments[name] = at;
  }
  if (HANGUPS.has(event.event_name)) {
    moments.hangup_us = Math.min(moments.hangup_us ?? event.at_us, event.at_us);
  }
  return moments;
}

function partnersOf({ uuid, headers, variables, at_us }: ChannelEvent): LegEvidence['partners'] {
  const found = partnersInVariables(uuid, variables);
  for (const partner of partnersInHeaders(uuid, headers)) addPartner(found, uuid, partner);
  return [...found].map((partner) => [partner, at_us] as const);
}

function bridgesOf({ event_name, headers, at_us }: ChannelEvent): readonly Bridge[] {
  const a = headers['Bridge-A-Unique-ID'];
  const b = headers['Bridge-B-Unique-ID'];
  return event_name === 'CHANNEL_BRIDGE' && a && b ? [[at_us, a, b]] : [];
}

function textOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

/** FreeSWITCH writes 0 for "not yet". */
export function moment(text: string | undefined): number | undefined {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
