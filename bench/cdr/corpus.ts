import { type RecordedCdr, recordedPosts } from '../../test/support/recorded-cdrs.ts';
import { findMoments, windowOf } from '../../test/support/simulator/moment.ts';
import { Template } from '../../test/support/simulator/template.ts';

/** A recorded body with the places where each copy of it differs, all of the same length. */
export interface Mould {
  path: string;
  contentType: string;
  bytes: Buffer;
  /** where the first eight digits of a uuid stand */
  uuids: readonly number[];
  /** where its Call-ID stands, when SIPp made it: others are uuids */
  callIds: readonly number[];
  uuid: string;
}

/** A copy of a mould, of its leg's uuid. */
export interface Cast {
  mould: Mould;
  uuid: string;
  body: Buffer;
}

export type Kind = 'xml' | 'json';

/** Digits: of a copy's number at the beginning of a uuid (base 16), of a leg's in place of a Call-ID of SIPp (base 36). */
const MARK = 8;
const CALL_MARK = 7;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The recorded CDR posts of run 01 that a bench clones: XML of 15 to 20 kB as posted with encode=true, or JSON. Times are of now. */
export function moulds(kind: Kind): Mould[] {
  return recordedPosts()
    .filter(({ name, body }) => name.startsWith('run-01') && isOf(kind, body))
    .map(toMould);
}

function isOf(kind: Kind, body: Buffer): boolean {
  if (kind === 'json') return body[0] === 0x7b;
  return body.toString('latin1', 0, 7) === 'cdr=%3C' && body.length >= 15_000 && body.length <= 20_000;
}

function toMould({ url, contentType, body }: RecordedCdr): Mould {
  const text = atPresent(body.toString('latin1'));
  const uuid = /uuid=(?:a_)?([0-9a-f-]{36})/.exec(url)?.[1] ?? '';
  const core = /core-uuid(?:%3D%22|":")([0-9a-f-]{36})/.exec(text)?.[1];
  const uuids = [...text.matchAll(UUID)].filter((match) => match[0] !== core).map(({ index }) => index);
  const callId = /sip_call_id(?:%3E|":")(\d-\d{5})(?:%2540|@)/.exec(text)?.[1];
  const callIds = callId === undefined ? [] : text.matchAll(new RegExp(`(?<!\\d)${callId}(?!\\d)`, 'g'));
  return {
    path: new URL(url, 'http://recorded').pathname,
    contentType,
    bytes: Buffer.from(text, 'latin1'),
    uuids,
    callIds: [...callIds].map(({ index }) => index),
    uuid,
  };
}

/** Its call has ended a moment ago, as with any CDR: what was long over is no live news, and less work. */
function atPresent(text: string): string {
  const recordedUs = Number(/end_uepoch(?:%3E|":")(\d{16})/.exec(text)?.[1]);
  const offsetUs = Math.floor((Date.now() * 1000 - recordedUs) / 1e6) * 1e6 - 1e6;
  const window = windowOf(recordedUs - 600e6, recordedUs + 600e6);
  return new Template(text, findMoments(text, window)).render({ offsetUs });
}

/**
 * The leg of a number: each round of the moulds is a copy of the recorded run, with uuids and Call-IDs of its own, whose legs name
 * each other as the recorded ones do.
 */
export function cast(forms: readonly Mould[], number: number): Cast {
  const mould = forms[number % forms.length];
  if (mould === undefined) throw new Error('there is no recorded CDR of this kind');
  const copy = Math.floor(number / forms.length);
  const mark = copy.toString(16).padStart(MARK, '0');
  const callMark = number.toString(36).padStart(CALL_MARK, '0');
  const body = Buffer.from(mould.bytes);
  for (const place of mould.uuids) body.write(mark, place, 'latin1');
  for (const place of mould.callIds) body.write(callMark, place, 'latin1');
  return { mould, uuid: `${mark}${mould.uuid.slice(MARK)}`, body };
}
