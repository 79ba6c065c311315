import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../../../libs/http/app.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { csrfTokenOf, openSession, redeemLink } from '../../../libs/sign-in/session.ts';
import { typed } from '../api-routes.ts';
import { keepAnswersPrivate } from '../private-answers.ts';
import { requireCsrfToken } from './credential.ts';
import type { SessionBook } from './session-book.ts';
import { clearSessionCookie, readSessionCookie, setSessionCookie } from './session-cookie.ts';

const SESSION_SECONDS = 12 * 3_600;

/** One of the two. */
const SignIn = Type.Object({
  token: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  link: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});

export interface SessionRouteOptions {
  /** the whole api, whose gate judges tokens */
  app: App;
  pool: Pool;
  sessions: SessionBook;
}

/**
 * `POST /console/session` signs in by a token or a one-time link, `GET` says how long the session lasts, `DELETE` signs out.
 * The gate judges tokens: `/v1/access` is asked as any client would, so a wrong one counts against its address.
 */
export function addSessionRoutes(own: App, { app, pool, sessions }: SessionRouteOptions): void {
  const routes = typed(own);
  own.addHook('onSend', dropChallenge);
  keepAnswersPrivate(own);
  routes.post('/console/session', { schema: { body: SignIn } }, async (request, reply) => {
    refuseOtherSites(request);
    const { token: given, link } = request.body;
    const token = link === undefined ? given : await redeemLink(pool, link);
    if (token === undefined) {
      throw new HttpError(
        401,
        'link-spent',
        'there is no token, and no link that was not used within its hour',
      );
    }
    const verdict = await app.inject({
      url: '/v1/access',
      headers: { authorization: `Bearer ${token}` },
      remoteAddress: request.ip,
    });
    if (verdict.statusCode !== 200) return passOn(reply, verdict);
    const { secret, expiresAt } = await openSession(pool, token, SESSION_SECONDS);
    // The browser forgets it now, and nobody could end it any more.
    const former = readSessionCookie(request);
    if (former !== undefined) await sessions.close(former);
    setSessionCookie(reply, secret, SESSION_SECONDS);
    return reply.code(201).send(told(secret, expiresAt));
  });

  routes.get('/console/session', async (request, reply) => {
    const secret = readSessionCookie(request);
    const session = secret === undefined ? undefined : await sessions.find(secret);
    // that nobody is signed in yet is no error
    if (secret === undefined || session === undefined) return reply.code(204).send();
    return reply.send(told(secret, session.expiresAt));
  });

  routes.delete('/console/session', async (request, reply) => {
    const secret = readSessionCookie(request);
    if (secret !== undefined && (await sessions.find(secret)) !== undefined) {
      requireCsrfToken(request, secret);
      await sessions.close(secret);
    }
    clearSessionCookie(reply);
    return reply.code(204).send();
  });
}

/** A browser that is offered Basic authentication asks for a name and password in a window of its own. */
async function dropChallenge(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  void reply.removeHeader('www-authenticate');
}

function told(secret: string, expiresAt: Date) {
  return { csrf_token: csrfTokenOf(secret), expires_us: expiresAt.getTime() * 1_000 };
}

/** Nobody else's page may sign a browser in as somebody. @throws HttpError 403 `other-site` */
function refuseOtherSites({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return;
  throw new HttpError(403, 'other-site', 'sign in on the page of the console itself');
}

interface Verdict {
  statusCode: number;
  headers: Record<string, unknown>;
  body: string;
}

function passOn(reply: FastifyReply, { statusCode, headers, body }: Verdict): FastifyReply {
  const retryAfter = headers['retry-after'];
  if (typeof retryAfter === 'string') void reply.header('retry-after', retryAfter);
  return reply.code(statusCode).header('content-type', 'application/problem+json').send(body);
}
