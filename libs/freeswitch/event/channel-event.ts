import type { ChannelEvent } from '../../records/channel-event.ts';
import type { Variables } from '../../records/variables.ts';
import { keptText, keptValue, MAX_KEPT_VARIABLES, readArray } from '../kept-value.ts';
import { MAX_UUID_LENGTH } from '../leg-uuid.ts';
import { CHANNEL_EVENTS, CHANNEL_SUBCLASSES } from './event-names.ts';
import { createHeaderSieve, type HeaderSieve } from './header-sieve.ts';

/** An event as `event json` gives it, decoded: repeated headers are arrays, the body is `_body`. */
export type RawEvent = Readonly<Record<string, unknown>>;

export interface ChannelEventOptions {
  /** our clock at receipt, microseconds */
  receivedUs: number;
  /** what is kept; by default what legs need */
  sieve?: HeaderSieve;
}

/** What identifies and orders an event of a leg; `loopback::bowout` names its leg by another header. */
const IDENTITY: ReadonlySet<string> = new Set([
  'Event-Name',
  'Event-Subclass',
  'Unique-ID',
  'Resigning-UUID',
  'FreeSWITCH-Switchname',
  'Core-UUID',
  'Event-Sequence',
  'Event-Date-Timestamp',
]);

/** Whether `toChannelEvent` looks at this header: an event without the others gives the same. */
export function isReadHeader(header: string, sieve: HeaderSieve): boolean {
  return IDENTITY.has(header) || sieve.sift(header) !== undefined;
}

const LEG_SIEVE = createHeaderSieve();

/**
 * One event of one leg, reduced to what legs, load and timelines need. Undefined for an event that is not of a leg or
 * lacks what identifies it (Unique-ID, Core-UUID, Event-Sequence, Event-Date-Timestamp).
 */
export function toChannelEvent(event: RawEvent, options: ChannelEventOptions): ChannelEvent | undefined {
  const name = text(event['Event-Name']);
  const subclass = text(event['Event-Subclass']);
  if (!isChannelEvent(name, subclass)) return undefined;
  const uuid = legOf(event, subclass);
  const node = text(event['FreeSWITCH-Switchname']);
  const core = text(event['Core-UUID']);
  const sequence = count(event['Event-Sequence']);
  const at = count(event['Event-Date-Timestamp']);
  if (!uuid || !node || !core || sequence === undefined || at === undefined) return undefined;
  return {
    v: 1,
    uuid: keptText(uuid, MAX_UUID_LENGTH),
    node: keptText(node),
    core_uuid: keptText(core),
    event_name: name,
    event_subclass: subclass ?? null,
    sequence,
    at_us: at,
    received_us: options.receivedUs,
    ...kept(event, options.sieve ?? LEG_SIEVE),
  };
}

function isChannelEvent(name: string | undefined, subclass: string | undefined): name is string {
  if (name === undefined) return false;
  return name === 'CUSTOM' ? CHANNEL_SUBCLASSES.has(subclass ?? '') : CHANNEL_EVENTS.has(name);
}

/** `loopback::bowout` is fired without Unique-ID: it belongs to the leg that resigns. */
function legOf(event: RawEvent, subclass: string | undefined): string | undefined {
  const uuid = text(event['Unique-ID']);
  return uuid ?? (subclass === 'loopback::bowout' ? text(event['Resigning-UUID']) : undefined);
}

function kept(event: RawEvent, sieve: HeaderSieve): Pick<ChannelEvent, 'headers' | 'variables'> {
  const headers: [string, string][] = [];
  const variables: [string, string | string[]][] = [];
  for (const header of Object.keys(event)) {
    const name = sieve.sift(header);
    if (name === '') {
      const value = text(event[header]);
      if (value !== undefined) headers.push([header, keptText(value)]);
    } else if (name !== undefined && variables.length < MAX_KEPT_VARIABLES) {
      const value = variableValue(event[header]);
      if (value !== undefined) variables.push([name, keptValue(value)]);
    }
  }
  // fromEntries defines own properties, so a variable named __proto__ stays data
  return { headers: Object.fromEntries(headers), variables: Object.fromEntries(variables) as Variables };
}

function variableValue(raw: unknown): string | string[] | undefined {
  if (typeof raw === 'string') return readArray(raw);
  return Array.isArray(raw) ? raw.filter((item) => typeof item === 'string') : text(raw);
}

/** A header's text; of a repeated one (some events carry Hangup-Cause twice) the last, as FreeSWITCH set it last. */
function text(raw: unknown): string | undefined {
  const value = Array.isArray(raw) ? raw.at(-1) : raw;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function count(raw: unknown): number | undefined {
  const value = Number(text(raw));
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
