import type { FastifyRequest } from 'fastify';
import { readBearer, sameSecret } from '../../../libs/http/credentials.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import { csrfTokenOf } from '../../../libs/sign-in/session.ts';
import type { SessionBook } from './session-book.ts';
import { readSessionCookie } from './session-cookie.ts';

const CHANGES_NOTHING = new Set(['GET', 'HEAD']);

/** A browser sends every request of a page with the password that a proxy before us asked for: it is not meant for us. */
const IS_OF_A_PROXY = /^Basic /i;

/**
 * What a request asks with: its bearer token, else the token of the console's session that its cookie names. What changes
 * something must then carry the session's CSRF token: only a page of ours knows it.
 */
export function credentialReader(sessions: SessionBook) {
  return async (request: FastifyRequest): Promise<string | undefined> => {
    const { authorization } = request.headers;
    if (authorization !== undefined && !IS_OF_A_PROXY.test(authorization)) return readBearer(request);
    const secret = readSessionCookie(request);
    const session = secret === undefined ? undefined : await sessions.find(secret);
    if (secret === undefined || session === undefined) return undefined;
    if (!CHANGES_NOTHING.has(request.method)) requireCsrfToken(request, secret);
    return session.token;
  };
}

/** @throws HttpError 403 `csrf-token-wrong` */
export function requireCsrfToken(request: FastifyRequest, secret: string): void {
  const given = request.headers['x-csrf-token'];
  if (typeof given === 'string' && sameSecret(given, csrfTokenOf(secret))) return;
  throw new HttpError(403, 'csrf-token-wrong', 'a change by a session needs its x-csrf-token');
}
