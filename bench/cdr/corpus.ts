import { type RecordedCdr, recordedPosts } from '../../test/support/recorded-cdrs.ts';
import { findMoments, windowOf } from '../../test/support/simulator/moment.ts';
import { Template } from '../../test/support/simulator/template.ts';

/** A recorded body with the places where each copy of it differs, all of the same length. */
export interface Mould {
  path: string;
  contentType: string;
  bytes: Buffer;
  /** where the first eight digits of a uuid or of a Call-ID stand */
  places: readonly number[];
  uuid: string;
}

export type Kind = 'xml' | 'json';

const MARK = 8;
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
  const callId = /sip_call_id(?:%3E|":")([\w.-]{8,}?)[%@"]/.exec(text)?.[1];
  const callIds =
    callId === undefined
      ? []
      : [...text.matchAll(new RegExp(callId.replaceAll('.', '\\.'), 'g'))].map(({ index }) => index);
  return {
    path: new URL(url, 'http://recorded').pathname,
    contentType,
    bytes: Buffer.from(text, 'latin1'),
    places: [...new Set([...uuids, ...callIds])],
    uuid,
  };
}

function atPresent(text: string): string {
  const recordedUs = Number(/start_uepoch(?:%3E|":")(\d{16})/.exec(text)?.[1]);
  const offsetUs = Math.floor((Date.now() * 1000 - recordedUs) / 1e6) * 1e6 - 60e6;
  const window = windowOf(recordedUs - 600e6, recordedUs + 600e6);
  return new Template(text, findMoments(text, window)).render({ offsetUs });
}

/** A copy that is a leg of its own: `number` decides its uuid. */
export function cast(mould: Mould, number: number): { uuid: string; body: Buffer } {
  const mark = number.toString(16).padStart(MARK, '0');
  const body = Buffer.from(mould.bytes);
  for (const place of mould.places) body.write(mark, place, 'latin1');
  return { uuid: `${mark}${mould.uuid.slice(MARK)}`, body };
}
