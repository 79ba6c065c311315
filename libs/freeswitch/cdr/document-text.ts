import { isUtf8 } from 'node:buffer';

/** Line by line costs time for each line, of which a body of 16 MiB may have millions. */
const LARGEST = 1024 * 1024;

/**
 * The text of a document. FreeSWITCH copies what a phone sent: bytes that are no UTF-8 are nearly always Latin-1, and stand
 * in one line of many.
 */
export function documentText(bytes: Buffer): string {
  if (bytes.length > LARGEST || isUtf8(bytes)) return bytes.toString('utf8');
  return bytes
    .toString('latin1')
    .split('\n')
    .map((line) => lineText(Buffer.from(line, 'latin1'), line))
    .join('\n');
}

function lineText(bytes: Buffer, latin1: string): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : latin1;
}
