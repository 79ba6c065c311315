import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'switchfleet_session';
const PATTERN = new RegExp(`(?:^|;\\s*)${NAME}=([0-9a-f]{64})(?:;|$)`);

/** The secret of the session that a browser sent, or undefined. */
export function readSessionCookie(request: FastifyRequest): string | undefined {
  return PATTERN.exec(request.headers.cookie ?? '')?.[1];
}

/** Gives the browser a session: no script can read it, no other site can make the browser send it. */
export function setSessionCookie(reply: FastifyReply, secret: string, seconds: number): void {
  void reply.header('set-cookie', cookie(reply, secret, seconds));
}

/** Takes the session away from the browser. */
export function clearSessionCookie(reply: FastifyReply): void {
  void reply.header('set-cookie', cookie(reply, '', 0));
}

function cookie(reply: FastifyReply, value: string, seconds: number): string {
  const secure = isEncrypted(reply.request) ? '; Secure' : '';
  return `${NAME}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

/** A proxy that ends TLS says so. Who lies about it harms only their own session. */
function isEncrypted({ protocol, headers }: FastifyRequest): boolean {
  return protocol === 'https' || headers['x-forwarded-proto'] === 'https';
}
