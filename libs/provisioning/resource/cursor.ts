import { CodedError } from '../../errors/coded-error.ts';

/** A place in a sorted list, opaque to clients: how it is sorted, and the values of the last item. */
export function encodePlace(sort: string, place: readonly string[]): string {
  return Buffer.from(JSON.stringify([sort, ...place])).toString('base64url');
}

/** @throws CodedError `cursor-invalid`: not one of ours, or of a list that was sorted otherwise */
export function decodePlace(cursor: string, { sort, parts }: { sort: string; parts: number }): string[] {
  const [given, ...place] = parse(cursor);
  const isOurs =
    place.length === parts && place.every((value) => typeof value === 'string' && !/\p{Cc}/u.test(value));
  if (given === sort && isOurs) return place as string[];
  throw new CodedError('cursor-invalid', 'this cursor is not one that this list gave');
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
