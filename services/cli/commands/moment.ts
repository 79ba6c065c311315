import { CodedError } from '../../../libs/errors/coded-error.ts';

/** A time as people write it (UTC unless it says otherwise), in microseconds since 1970. @throws CodedError `time-invalid` */
export function momentOf(name: string, text: string): number {
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || /^\d{4}-\d{2}-\d{2}$/.test(text);
  const ms = Date.parse(hasZone ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw new CodedError('time-invalid', `--${name}: ${text} is no time`);
  return ms * 1000;
}
