import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { App } from '../../../libs/http/app.ts';
import { readBearer, sameSecret } from '../../../libs/http/credentials.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { includesRole } from '../../../libs/provisioning/role.ts';
import { type KnownToken, readKnownToken, touchToken } from '../../../libs/provisioning/tokens.sql.ts';
import { hashToken, isTokenForm } from '../../../libs/provisioning/tokens.ts';
import { type Access, grant, type RouteAccess } from './access.ts';
import { createRequestLimits } from './request-limits.ts';
import { TokenCache } from './token-cache.ts';

export interface GateOptions {
  /** API_TOKEN: an administrator of the whole fleet, with no row in a table */
  bootstrapToken: string | undefined;
  pool: Pool;
  /** in a minute */
  limits: { failures: number; requests: number };
  /** what a request asks with; by default its bearer token. Asked again while a stream goes on */
  credential?: (request: FastifyRequest) => Promise<string | undefined>;
}

/** Checks who asks, at the beginning of every request and during streams. */
export interface Gate {
  /** Whether a stream that was opened with this access may go on. Cheap: the database is asked once a second at most. */
  mayGoOn(request: FastifyRequest): Promise<boolean>;
}

const BOOTSTRAP: Access = { name: 'API_TOKEN', tokenId: undefined, role: 'admin', tenant: undefined };

/**
 * Closes an app: every route that is added to it afterwards must declare in `config.access` who may use it, and only
 * those come in. @throws CodedError `access-undeclared` when a route does not declare it
 */
export function closeApp(app: App, options: GateOptions): Gate {
  const {
    bootstrapToken,
    pool,
    limits: perMinute,
    credential = async (request) => readBearer(request),
  } = options;
  const limits = createRequestLimits(app, perMinute);
  const tokens = new TokenCache(async (hash) => {
    const token = await readKnownToken(pool, hash);
    if (token?.is_use_due) noteUse(token, pool, app);
    return token;
  });

  async function identify(request: FastifyRequest): Promise<Access | undefined> {
    const given = await credential(request);
    if (given === undefined) return undefined;
    if (bootstrapToken !== undefined && sameSecret(given, bootstrapToken)) return BOOTSTRAP;
    if (!isTokenForm(given)) return undefined;
    const token = await tokens.find(hashToken(given));
    return token === undefined ? undefined : toAccess(token);
  }

  app.addHook('onRoute', requireDeclaration);
  app.addHook('onRequest', async (request) => {
    const access = await identify(request);
    if (access === undefined) {
      await limits.countFailure(request);
      throw new HttpError(401, 'not-authorised', 'a bearer token is needed, and this is none or a wrong one');
    }
    grant(request, access);
    await limits.countRequest(request);
    refuse(request.routeOptions.config.access, access);
  });
  app.addHook('onSend', nameBearer);

  return {
    mayGoOn: async (request) => {
      const access = await identify(request);
      return access !== undefined && isAllowed(request.routeOptions.config.access, access);
    },
  };
}

function toAccess({ id, name, role, tenant }: KnownToken): Access {
  return { name, tokenId: id, role, tenant: tenant ?? undefined };
}

/** Not waited for: a database that takes no writes just now must not refuse who only reads. */
function noteUse({ id }: KnownToken, pool: Pool, app: App): void {
  touchToken(pool, id).catch((err: unknown) => app.log.debug({ err }, 'the use of a token was not noted'));
}

function requireDeclaration({ method, url, config }: RouteOptions): void {
  if (config?.access !== undefined) return;
  throw new CodedError('access-undeclared', `${method} ${url} does not declare who may use it`);
}

function isAllowed(route: RouteAccess | undefined, { role, tenant }: Access): boolean {
  if (route === undefined || !includesRole(role, route.role)) return false;
  return tenant === undefined || route.tenant === 'own';
}

/** @throws HttpError 403 `role-too-low`, `fleet-only` */
function refuse(route: RouteAccess | undefined, access: Access): void {
  if (isAllowed(route, access)) return;
  if (route !== undefined && includesRole(access.role, route.role)) {
    throw new HttpError(403, 'fleet-only', "this is the whole fleet's: a tenant's token does not reach it");
  }
  const needed = route?.role ?? 'admin';
  throw new HttpError(403, 'role-too-low', `this needs the role ${needed}; the token has ${access.role}`);
}

/** RFC 6750: how to come in, for who has no token. */
async function nameBearer(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (reply.statusCode === 401) reply.header('www-authenticate', 'Bearer realm="switchfleet"');
}
