import { CodedError } from '../../errors/coded-error.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The cursor after a call, opaque to clients. A call's id begins with its start in microseconds, so "older than this id" is
 * a place that no call that arrives later can shift.
 */
export function encodeCursor(callId: string): string {
  return Buffer.from(callId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The id of the call that a page ended with. @throws CodedError `cursor-invalid` */
export function decodeCursor(cursor: string): string {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  if (UUID.test(id)) return id;
  throw new CodedError('cursor-invalid', 'this cursor is not one that this api gave');
}

/** Whether a text has the form of a uuid, so that PostgreSQL can be asked for it. */
export function isUuid(text: string): boolean {
  return UUID.test(text.toLowerCase());
}
