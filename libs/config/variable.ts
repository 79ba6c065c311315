import { isIP } from 'node:net';
import { CodedError } from '../errors/coded-error.ts';

/** One environment variable: how its text becomes a value, and what it is for. */
export interface Variable<T> {
  read(name: string, raw: string): T;
  readonly default: T;
  readonly isSecret: boolean;
  readonly description: string;
}

function invalid(name: string, expected: string): CodedError {
  return new CodedError('config-invalid', `environment variable ${name} must be ${expected}`, {
    details: { variable: name },
  });
}

function variable<T>(
  defaultValue: T,
  description: string,
  read: (name: string, raw: string) => T,
): Variable<T> {
  return { read, default: defaultValue, isSecret: false, description };
}

/** The same variable, of which no value is taken that does not fit. */
export function checked<T>(
  { read, ...same }: Variable<T>,
  isFit: (value: T) => boolean,
  expected: string,
): Variable<T> {
  return {
    ...same,
    read: (name, raw) => {
      const value = read(name, raw);
      if (isFit(value)) return value;
      throw invalid(name, expected);
    },
  };
}

/** Any text that is not empty. */
export function text<D extends string | undefined>(
  defaultValue: D,
  description: string,
): Variable<string | D> {
  return variable<string | D>(defaultValue, description, (name, raw) => {
    if (raw.trim() === '') throw invalid(name, 'a text that is not empty');
    return raw;
  });
}

/**
 * Name of a SIP header that FreeSWITCH carries from call to call, as the variable `sip_h_…`: it begins with `X-`, but not with
 * `X-FS-` (`sofia_glue_set_extra_headers` of mod_sofia, which passes `P-` ones as well: those are for what networks assert).
 */
export function carriedHeader(defaultValue: string, description: string): Variable<string> {
  return variable(defaultValue, description, (name, raw) => {
    if (CARRIED_HEADER.test(raw)) return raw;
    throw invalid(
      name,
      'the name of a SIP header that begins with X- and not with X-FS-: no other is carried',
    );
  });
}

/** Characters of a token (RFC 3261), without those that mean something where we write it. */
const CARRIED_HEADER = /^x-(?!fs-)[\w.-]+$/i;

/** A secret: no default, may come from NAME_FILE, never printed. */
export function secret(description: string): Variable<string | undefined> {
  return { ...text(undefined, description), isSecret: true };
}

/** A whole number within bounds. */
export function integer<D extends number | undefined>(
  { default: defaultValue, min, max }: { default: D; min: number; max: number },
  description: string,
): Variable<number | D> {
  return variable<number | D>(defaultValue, description, (name, raw) => {
    const value = Number(raw);
    if (raw.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
      throw invalid(name, `a whole number from ${min} to ${max}`);
    }
    return value;
  });
}

/** One of a few words. */
export function oneOf<T extends string>(
  allowed: readonly T[],
  defaultValue: T,
  description: string,
): Variable<T> {
  return variable(defaultValue, description, (name, raw) => {
    const value = allowed.find((word) => word === raw);
    if (value === undefined) throw invalid(name, `one of ${allowed.join(', ')}`);
    return value;
  });
}

/** Words separated by commas, at least one. */
export function list(
  defaultValue: string[] | undefined,
  description: string,
): Variable<string[] | undefined> {
  return variable(defaultValue, description, (name, raw) => {
    const words = raw.split(',').map((word) => word.trim());
    if (words.some((word) => word === '')) throw invalid(name, 'a list of words separated by commas');
    return words;
  });
}

/** What Kafka lets the name of a topic begin with. */
export function namespace(description: string): Variable<string | undefined> {
  return variable<string | undefined>(undefined, description, (name, raw) => {
    if (/^[\w.-]{1,100}$/.test(raw)) return raw;
    throw invalid(name, 'up to 100 letters, digits, dots, _ and -, as in the name of a topic');
  });
}

const FILLED_IN = ['{node}', '{path}', '{expires}', '{signature}'];

/** Where a recording is on a web server, with at least `{path}` to be filled in. */
export function recordingUrl(description: string): Variable<string | undefined> {
  return variable<string | undefined>(undefined, description, (name, raw) => {
    const placeholders: string[] = raw.match(/\{[^{}]*\}/g) ?? [];
    const filled = URL.parse(raw.replaceAll(/\{[^{}]*\}/g, 'x'));
    const isKnown = placeholders.includes('{path}') && placeholders.every((word) => FILLED_IN.includes(word));
    if (isKnown && /^https?:$/.test(filled?.protocol ?? '')) return raw;
    throw invalid(
      name,
      `a URL that begins with http:// or https://, with {path}, and no more than ${FILLED_IN.join(', ')}`,
    );
  });
}

/** Kafka brokers, each as host:port, separated by commas; kafkajs takes an IPv6 address by its name only. */
export function brokers(description: string): Variable<string[] | undefined> {
  return checked(
    list(undefined, description),
    (words) => words?.every(isBroker) === true,
    'brokers such as kafka.example.com:9092, separated by commas',
  );
}

function isBroker(word: string): boolean {
  const [, port] = /^[\w.-]+:(\d{1,5})$/.exec(word) ?? [];
  return Number(port) >= 1 && Number(port) <= 65_535;
}

/** A host as others reach it: it is written before a port in URLs, XML and a configuration of Kamailio. */
export function host(description: string): Variable<string | undefined> {
  return checked(
    text(undefined, description),
    (name = '') => isIP(name) !== 0 || /^[\w.-]+$/.test(name),
    'a host name or an address, without a port, and one of IPv6 without brackets',
  );
}

/** Addresses and networks separated by commas. */
export function networks(description: string): Variable<string[] | undefined> {
  return checked(
    list(undefined, description),
    (words) => words?.every(isNetwork) === true,
    'addresses and networks such as 192.0.2.0/24, separated by commas',
  );
}

function isNetwork(word: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(word) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits ?? 0) <= (family === 6 ? 128 : 32);
}

/** A URL with one of these protocols (each with its colon). It may hold a password, so the value is never printed. */
export function url(
  protocols: readonly string[],
  defaultValue: string | undefined,
  description: string,
): Variable<string | undefined> {
  return variable(defaultValue, description, (name, raw) => {
    const parsed = URL.parse(raw);
    if (parsed === null || !protocols.includes(parsed.protocol)) {
      throw invalid(
        name,
        `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
      );
    }
    return raw;
  });
}
