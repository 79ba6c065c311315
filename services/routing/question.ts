import type { FastifyRequest } from 'fastify';
import { HttpError } from '../../libs/http/problem.ts';

/** The parameters of a lookup; others say nothing. */
const NOTHING = {
  to: undefined,
  from: undefined,
  domain: undefined,
  src: undefined,
  call_id: undefined,
  correlation_id: undefined,
  via: undefined,
  auth: undefined,
  attempted: undefined,
  caller: undefined,
  set: undefined,
  pin: undefined,
  dest_type: undefined,
  kind: undefined,
};
type Parameter = keyof typeof NOTHING;
export type Question = Readonly<Record<Parameter, string | undefined>>;

/** More are no question of Kamailio's. */
const MAX_PARAMETERS = 64;

/**
 * Reads `a=1&b=2`. A plus stays a plus: it begins every number in E.164, and Kamailio escapes spaces as %20. Of two of
 * one name the first counts. One object of one shape, filled while the text is walked through once: every call asks.
 */
export function parseParameters(text: string): Question {
  const question: Record<Parameter, string | undefined> = { ...NOTHING };
  let at = 0;
  for (let count = 0; at < text.length && count < MAX_PARAMETERS; count += 1) {
    const ampersand = text.indexOf('&', at);
    const end = ampersand < 0 ? text.length : ampersand;
    const equals = text.indexOf('=', at);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    const name = unescaped(text.slice(at, nameEnd));
    if (isParameter(name)) question[name] ??= unescaped(text.slice(nameEnd + 1, Math.max(end, nameEnd + 1)));
    at = end + 1;
  }
  return question;
}

function isParameter(name: string): name is Parameter {
  return Object.hasOwn(NOTHING, name);
}

/**
 * The parameters of the URL, then those of a posted form or flat JSON object; of two of one name the first counts.
 * @throws HttpError 400 `body-unreadable`
 */
export function readQuestion(request: FastifyRequest): Question {
  const query = request.query as Question;
  if (typeof request.body !== 'string' || request.body === '') return query;
  const isJson = /json/i.test(request.headers['content-type'] ?? '') || request.body.startsWith('{');
  const question = { ...(isJson ? parseJson(request.body) : parseParameters(request.body)) };
  for (const name of Object.keys(NOTHING) as Parameter[]) question[name] = query[name] ?? question[name];
  return question;
}

function parseJson(text: string): Question {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, 'body-unreadable', 'the body is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, 'body-unreadable', 'the body is not a JSON object');
  }
  const question: Record<Parameter, string | undefined> = { ...NOTHING };
  for (const [name, field] of Object.entries(value)) {
    if (isParameter(name) && field !== null && typeof field !== 'object') question[name] = String(field);
  }
  return question;
}

/** Percent-decodes; a text that is no UTF-8, or has a stray `%`, stays as it is. */
function unescaped(text: string): string {
  let percent = text.indexOf('%');
  if (percent < 0) return text;
  let plain = '';
  let from = 0;
  for (; percent >= 0; percent = text.indexOf('%', from)) {
    const code = hexDigit(text.charCodeAt(percent + 1)) * 16 + hexDigit(text.charCodeAt(percent + 2));
    // Only ASCII is one escape a character.
    if (!(code < 0x80)) return decodedAtOnce(text);
    plain += text.slice(from, percent) + String.fromCharCode(code);
    from = percent + 3;
  }
  return plain + text.slice(from);
}

function decodedAtOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** NaN for what is none, also beyond the end. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}
