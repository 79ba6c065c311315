import { CdrRejected } from './cdr-rejection.ts';
import { decodeForm } from './percent.ts';

export type CdrFormat = 'xml' | 'json';

export interface CdrBody {
  format: CdrFormat;
  /** the document as FreeSWITCH made it, without form, URL or base64 encoding */
  document: Buffer;
  /** it was percent-encoded as a whole */
  isDecoded: boolean;
}

const FIELD = Buffer.from('cdr=');
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const LESS_THAN = 0x3c;
const BRACE = 0x7b;
const PERCENT = 0x25;

/**
 * Tells the encodings of mod_xml_cdr and mod_json_cdr apart by the body itself: with disable-100-continue the
 * Content-Type is wrong. Also reads what they spool to disk, which lacks `cdr=`.
 * The document is a part of the body, or of `room`, or has room of its own.
 * @throws CdrRejected `cdr-empty`, `cdr-unrecognised`
 */
export function decodeBody(body: Buffer, room?: Buffer): CdrBody {
  const value = withoutField(trimStart(body));
  if (value.length === 0) throw new CdrRejected('cdr-empty', 'the body is empty');
  const document = trimStart(decodeValue(value, room));
  const format = formatOf(document);
  if (format === undefined) {
    throw new CdrRejected(
      'cdr-unrecognised',
      'the body is neither XML nor JSON in any encoding of FreeSWITCH',
    );
  }
  // mod_json_cdr ends its files with a newline, and its posts with none: the same CDR
  return {
    format,
    document: format === 'json' ? trimEnd(document) : document,
    isDecoded: value[0] === PERCENT,
  };
}

function decodeValue(value: Buffer, room: Buffer | undefined): Buffer {
  if (formatOf(value) !== undefined) return value;
  if (value[0] === PERCENT) return decodeForm(value, room);
  return isBase64(value) ? decodeBase64(value) : value;
}

function formatOf(document: Buffer): CdrFormat | undefined {
  if (document[0] === LESS_THAN) return 'xml';
  return document[0] === BRACE ? 'json' : undefined;
}

/** Only the beginning is looked at: what follows decides itself by the document it decodes to. */
function isBase64(value: Buffer): boolean {
  return /^[A-Za-z0-9+/%=\s_-]+$/.test(value.toString('latin1', 0, 256));
}

/**
 * FreeSWITCH does not escape the base64 text, and a proxy or another client may: `%2B`, or a space for a `+`.
 * FreeSWITCH breaks its lines with newlines only, so a space is a `+` that was lost.
 */
function decodeBase64(value: Buffer): Buffer {
  const text = value.includes('%') ? decodeForm(value).toString('latin1') : value.toString('latin1');
  const packed = text
    .trimEnd()
    .replaceAll(' ', '+')
    .replaceAll(/[\r\n]+/g, '');
  // Node passes over what is none, and ends at the first padding: two CDRs would be one.
  if (!BASE64.test(packed))
    throw new CdrRejected('cdr-unrecognised', 'the body begins as base64 and goes on as something else');
  return Buffer.from(packed, 'base64');
}

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function withoutField(body: Buffer): Buffer {
  return body.subarray(0, FIELD.length).equals(FIELD) ? trimStart(body.subarray(FIELD.length)) : body;
}

function trimStart(bytes: Buffer): Buffer {
  let start = bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0;
  while (start < bytes.length && isSpace(bytes[start] ?? 0)) start += 1;
  return bytes.subarray(start);
}

function trimEnd(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && isSpace(bytes[end - 1] ?? 0)) end -= 1;
  return bytes.subarray(0, end);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
