import { isUtf8 } from 'node:buffer';

/** Piece by piece costs time for each piece, of which a body of 16 MiB may have millions. */
const LARGEST = 1024 * 1024;
/** A line of XML; of JSON, which is one line, the part between two quotes. */
const PIECE = /[^\n"]+/g;
const BEYOND_ASCII = /[\x80-\xff]/;

/**
 * The text of a document. FreeSWITCH copies what a phone sent: bytes that are no UTF-8 are nearly always Latin-1, and stand
 * in one value of many.
 */
export function documentText(bytes: Buffer): string {
  if (bytes.length > LARGEST || isUtf8(bytes)) return bytes.toString('utf8');
  return bytes.toString('latin1').replace(PIECE, pieceText);
}

function pieceText(latin1: string): string {
  if (!BEYOND_ASCII.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}
