import { isIP } from 'node:net';
import { CodedError } from '../errors/coded-error.ts';

/** Values that people type, checked before they are stored: the database's own checks say the same, less kindly. */

const USER = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const HOST = /^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/;
const MAX_TEXT = 512;
const MAX_NAME = 128;

/** Text → why FreeSWITCH must not get it. Its preprocessor, its expansion and its dial-string parser read these. */
const DANGERS: readonly (readonly [RegExp, (found: string) => string])[] = [
  [/\p{Cc}/u, () => 'a control character or line break'],
  [/[$`\\]/, (found) => `${found} (FreeSWITCH expands it)`],
  [/[{}[\]<>]/, (found) => `the bracket ${found} (FreeSWITCH reads variables in brackets)`],
  [/[|;,'"]/, (found) => `${found} (FreeSWITCH splits or quotes there)`],
  [/\^\^|:_:/, (found) => `${found} (a separator of dial-strings)`],
  [/x-pre-process/i, (found) => `${found} (a directive of FreeSWITCH)`],
];

function refused(field: string, value: string, why: string): CodedError {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return new CodedError('value-refused', `${field} ${JSON.stringify(shown)} ${why}`, { details: { field } });
}

/** Free text that ends up in FreeSWITCH. @throws CodedError `value-refused` */
export function checkText(field: string, value: string): string {
  if (value.length > MAX_TEXT) throw refused(field, value, `is longer than ${MAX_TEXT} characters`);
  refuseDangers(field, value, value);
  return value;
}

/** Looks at `judged`, and tells of `value`, which it is made of. @throws CodedError `value-refused` */
function refuseDangers(field: string, value: string, judged: string): void {
  if (!value.isWellFormed()) throw refused(field, value, 'is not valid Unicode');
  for (const [pattern, tell] of DANGERS) {
    const [found] = pattern.exec(judged) ?? [];
    if (found !== undefined) throw refused(field, value, `contains ${tell(found)}`);
  }
}

/**
 * A person's name: as free text, but O'Brien and "Smith, Jane" are names. It is shown and set as a variable, and never put
 * where FreeSWITCH expands it. @throws CodedError `value-refused`
 */
export function checkDisplayName(field: string, value: string): string {
  if (value.length > MAX_NAME) throw refused(field, value, `is longer than ${MAX_NAME} characters`);
  refuseDangers(field, value, value.replace(/[',]/g, ' '));
  return value;
}

/** A directory id, as in `1001@domain`. @throws CodedError `value-refused` */
export function checkUserId(value: string): string {
  if (!USER.test(value)) throw refused('user', value, 'must be letters, digits and . _ + - (up to 64)');
  return value;
}

/** The name of a node, a proxy, a tenant, a context. @throws CodedError `value-refused` */
export function checkName(field: string, value: string): string {
  if (!NAME.test(value)) throw refused(field, value, 'must be letters, digits and . _ - (up to 64)');
  return value;
}

/** A SIP domain, in lower case. @throws CodedError `value-refused` */
export function checkDomain(value: string): string {
  const domain = value.toLowerCase();
  if (DOMAIN.test(domain) && !domain.includes('..')) return domain;
  throw refused('domain', value, 'must be a host name, such as sip.example.com');
}

/** A host name or IP address. @throws CodedError `value-refused` */
export function checkHost(field: string, value: string): string {
  if (isIP(value) === 6 || (HOST.test(value) && !value.includes(':'))) return value;
  throw refused(field, value, 'must be a host name or an IP address');
}

/** An address or network (`192.0.2.0/24`). @throws CodedError `value-refused` */
export function checkNetwork(field: string, value: string): string {
  const [address = '', bits] = value.split('/');
  const family = isIP(address);
  const isWhole = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
  if (family === 0 || !isWhole || value.split('/').length > 2) {
    throw refused(field, value, 'must be an IP address or a network such as 192.0.2.0/24');
  }
  return value;
}

/** A whole number within bounds. @throws CodedError `value-refused` */
export function checkInteger(
  field: string,
  value: string,
  { min, max }: { min: number; max: number },
): number {
  const number = Number(value);
  if (/^-?\d+$/.test(value) && number >= min && number <= max) return number;
  throw refused(field, value, `must be a whole number from ${min} to ${max}`);
}

/** One of a few words. @throws CodedError `value-refused` */
export function checkWord<T extends string>(field: string, value: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw refused(field, value, `must be one of ${words.join(', ')}`);
  return word;
}
