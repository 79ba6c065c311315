import type { FastifyRequest } from 'fastify';
import { HttpError } from '../../libs/http/problem.ts';

/** The parameters of a lookup by name. */
export type Question = Readonly<Record<string, string | undefined>>;

/** More are no question of Kamailio's. */
const MAX_PARAMETERS = 64;

/**
 * Reads `a=1&b=2`. A plus stays a plus: it begins every number in E.164, and Kamailio escapes spaces as %20. Of two of
 * one name the first counts.
 */
export function parseParameters(text: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  if (text === '') return parameters;
  for (const pair of text.split('&', MAX_PARAMETERS)) {
    const equals = pair.indexOf('=');
    const name = unescaped(equals < 0 ? pair : pair.slice(0, equals));
    if (name === '' || name in parameters) continue;
    parameters[name] = equals < 0 ? '' : unescaped(pair.slice(equals + 1));
  }
  return parameters;
}

/**
 * The parameters of the URL, then those of a posted form or flat JSON object; of two of one name the first counts.
 * @throws HttpError 400 `body-unreadable`
 */
export function readQuestion(request: FastifyRequest): Question {
  const query = request.query as Record<string, string>;
  if (typeof request.body !== 'string' || request.body === '') return query;
  const isJson = /json/i.test(request.headers['content-type'] ?? '') || request.body.startsWith('{');
  return { ...(isJson ? parseJson(request.body) : parseParameters(request.body)), ...query };
}

function parseJson(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HttpError(400, 'body-unreadable', 'the body is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, 'body-unreadable', 'the body is not a JSON object');
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && typeof field !== 'object')
      .map(([name, field]) => [name, String(field)]),
  );
}

function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
