import { hash as hashOf } from 'node:crypto';
import { compareText } from './layers.ts';

export interface LegIdentity {
  uuid: string;
  start_us: number;
}

/**
 * The id that a leg gives to its call: a UUID of version 8 (RFC 9562) whose first 60 bits are the leg's start, so that
 * ids sort by time and tell which partition holds them.
 */
export function callIdOf({ uuid, start_us }: LegIdentity): string {
  const time = start_us.toString(16).padStart(15, '0');
  const digest = hashOf('sha256', uuid, 'buffer');
  digest[0] = ((digest[0] ?? 0) & 0x3f) | 0x80;
  const hash = digest.toString('hex', 0, 8);
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-8${time.slice(12)}-${hash.slice(0, 4)}-${hash.slice(4)}`;
}

/** Whether an id is made of this leg's uuid, with whatever start. */
export function isCallIdOf(id: string, leg: LegIdentity): boolean {
  return id.slice(TIME_DIGITS) === callIdOf(leg).slice(TIME_DIGITS);
}

/** Of the text of an id, hyphens included. */
const TIME_DIGITS = 19;

const CALL_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The start that a call's id carries, µs; undefined for a text that is no call id. */
export function startOfCallId(id: string): number | undefined {
  if (!CALL_ID.test(id)) return undefined;
  return Number.parseInt(`${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(15, 18)}`, 16);
}

/** By start, then uuid: the order that gives a call its id, and nothing else. */
export function compareIdentities(a: LegIdentity, b: LegIdentity): number {
  return a.start_us - b.start_us || compareText(a.uuid, b.uuid);
}
