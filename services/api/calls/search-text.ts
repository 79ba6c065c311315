import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';

/** No control characters: PostgreSQL takes no NUL, and no name or number has one. */
const PRINTABLE = '^[^\\u0000-\\u001f\\ud800-\\udfff]+$';

/** A text of a query that is looked for as it is. */
export const SearchText = (description: string, maxLength = 128) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, pattern: PRINTABLE, description }));

/** A path's key: an id, a uuid or a Call-ID. */
export const Key = (description: string) =>
  Type.String({ minLength: 1, maxLength: 256, pattern: PRINTABLE, description });

/** A moment of a query. */
export const Moment = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description: `${description}; RFC 3339` }));

export const Amount = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e9, description }));

/** Microseconds since 1970 of an RFC 3339 text; all six digits count. @throws HttpError 400 `time-invalid` */
export function readMoment(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  const ms = Date.parse(text.replace(/\.\d+/, ''));
  if (Number.isNaN(ms)) throw new HttpError(400, 'time-invalid', `${text} is no moment`);
  return Math.max(0, ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6)));
}
