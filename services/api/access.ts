import type { FastifyRequest } from 'fastify';
import { readBearer, sameSecret } from '../../libs/http/credentials.ts';
import { HttpError } from '../../libs/http/problem.ts';

/**
 * A Fastify onRequest hook that lets in who has the administrator's token; nobody when there is none.
 * @throws HttpError 401 `not-authorised`
 */
export function requireAdministrator(token: string | undefined) {
  return async (request: FastifyRequest): Promise<void> => {
    const given = readBearer(request);
    if (token === undefined || given === undefined || !sameSecret(given, token)) {
      throw new HttpError(401, 'not-authorised', 'a bearer token is needed, and this is none or a wrong one');
    }
  };
}
