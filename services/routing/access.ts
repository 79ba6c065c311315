import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readBasic, sameSecret } from '../../libs/http/credentials.ts';

/**
 * Says whether a request carries Kamailio's credentials. Every lookup does, so the header that Kamailio always sends is
 * compared as it is, in constant time; another spelling of the same credentials is read properly.
 */
export function createAccess({ username, password }: { username: string; password: string | undefined }) {
  if (password === undefined) return () => false;
  const usual = Buffer.from(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`);
  const given = Buffer.alloc(usual.length);
  return (request: IncomingMessage): boolean => {
    const header = authorizationOf(request.rawHeaders);
    if (header === undefined) return false;
    if (header.length === usual.length) {
      given.write(header, 'latin1');
      if (timingSafeEqual(given, usual)) return true;
    }
    const credentials = readBasic(request);
    if (credentials === undefined) return false;
    const isUser = sameSecret(credentials.username, username);
    return sameSecret(credentials.password, password) && isUser;
  };
}

/** From the headers as they came: `request.headers` would first sort all of them into an object. */
function authorizationOf(rawHeaders: readonly string[]): string | undefined {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') return rawHeaders[index + 1];
  }
  return undefined;
}
