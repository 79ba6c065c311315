import { CodedError } from '../errors/coded-error.ts';

/** Names of the IANA database: offsets such as +02:00 mean the opposite in PostgreSQL. */
const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;

/** The time zone of a report or an export, as it is written in the IANA database. @throws CodedError `time-zone-invalid` */
export function readTimeZone(name: string): string {
  const found = findTimeZone(name);
  if (found !== undefined) return found;
  throw new CodedError('time-zone-invalid', `${name} is no time zone; one is written like Europe/Berlin`);
}

/** The same; undefined: there is none of this name. */
export function findTimeZone(name: string): string | undefined {
  if (!NAME.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return undefined;
  }
}
