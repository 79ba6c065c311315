import type { FastifyRequest } from 'fastify';
import { HttpError } from '../../libs/http/problem.ts';

/**
 * The parameters of a lookup: those of the URL, then those of a posted form or flat JSON object; of two of one name
 * the first counts. @throws HttpError 400 `body-unreadable`
 */
export function readQuestion(request: FastifyRequest): ReadonlyMap<string, string> {
  const question = new Map<string, string>();
  const queryStart = request.url.indexOf('?');
  const query = queryStart < 0 ? '' : request.url.slice(queryStart + 1);
  for (const [name, value] of [...new URLSearchParams(query), ...readBody(request)]) {
    if (!question.has(name)) question.set(name, value);
  }
  return question;
}

function readBody(request: FastifyRequest): Iterable<[string, string]> {
  if (typeof request.body !== 'string' || request.body === '') return [];
  if (!/json/i.test(request.headers['content-type'] ?? '')) return new URLSearchParams(request.body);
  const values = parseJson(request.body);
  return Object.entries(values).map(([name, value]): [string, string] => [name, String(value)]);
}

function parseJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new HttpError(400, 'body-unreadable', 'the body is not JSON', { cause });
  }
  throw new HttpError(400, 'body-unreadable', 'the body is not a JSON object');
}
