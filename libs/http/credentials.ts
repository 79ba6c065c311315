import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { HttpError } from './problem.ts';

/** A name and password of HTTP Basic authentication (RFC 7617). */
export interface BasicCredentials {
  username: string;
  password: string;
}

/** Fastify's request or Node's. */
type WithHeaders = Pick<IncomingMessage, 'headers'>;

/** Compares two secrets in a time that does not depend on where they differ, or on their lengths. */
export function sameSecret(left: string, right: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** The Basic credentials of a request, or undefined when it has none or they cannot be read. */
export function readBasic(request: WithHeaders): BasicCredentials | undefined {
  const match = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(request.headers.authorization ?? '');
  if (match?.[1] === undefined) return undefined;
  const decoded = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 0) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** The bearer token of a request (RFC 6750), or undefined. */
export function readBearer(request: FastifyRequest): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/**
 * A Fastify onRequest hook that lets in only who `check` accepts.
 * @throws HttpError 401 `not-authorised`
 */
export function requireBasic(check: (credentials: BasicCredentials, request: FastifyRequest) => boolean) {
  return async (request: FastifyRequest): Promise<void> => {
    const credentials = readBasic(request);
    if (credentials === undefined || !check(credentials, request)) {
      throw new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    }
  };
}
