import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Role } from '../../../libs/provisioning/role.ts';

/** Who asks, as the token says. Every query takes `tenant`. */
export interface Access {
  /** of the token, for limits and the audit log */
  name: string;
  /** undefined: API_TOKEN, which is in no table */
  tokenId: string | undefined;
  role: Role;
  /** whose data may be seen and changed; undefined: the whole fleet's */
  tenant: string | undefined;
}

/** Who may use a route. */
export interface RouteAccess {
  /** this role, and those that may do more */
  role: Role;
  /**
   * `own`: a tenant's token sees its tenant's part: the handler passes `accessOf(request).tenant` on to every query.
   * `fleet`: only for tokens of the whole fleet.
   */
  tenant: 'own' | 'fleet';
}

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
}

const granted = new WeakMap<FastifyRequest, Access>();

/** Notes who asks; only the gate does. */
export function grant(request: FastifyRequest, access: Access): void {
  granted.set(request, access);
}

/** Who asks. @throws CodedError `access-unchecked`: the route is not behind the gate */
export function accessOf(request: FastifyRequest): Access {
  const access = granted.get(request);
  if (access === undefined) throw new CodedError('access-unchecked', 'nobody checked who asks');
  return access;
}
