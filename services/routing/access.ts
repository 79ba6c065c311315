import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { readBasic, sameSecret } from '../../libs/http/credentials.ts';

/**
 * Says whether a request carries Kamailio's credentials. Every lookup does, so the header that Kamailio always sends is
 * compared as it is, in constant time; another spelling of the same credentials is read properly.
 */
export function createAccess({ username, password }: { username: string; password: string | undefined }) {
  if (password === undefined) return () => false;
  const usual = Buffer.from(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  return (request: FastifyRequest): boolean => {
    const header = request.headers.authorization;
    if (header === undefined) return false;
    if (header.length === usual.length && timingSafeEqual(Buffer.from(header, 'latin1'), usual)) return true;
    const given = readBasic(request);
    if (given === undefined) return false;
    const isUser = sameSecret(given.username, username);
    return sameSecret(given.password, password) && isUser;
  };
}
