import { Type } from 'typebox';
import { codeOf } from '../../libs/errors/coded-error.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import type { AdminState } from '../../libs/provisioning/fleet.sql.ts';
import { orderNode, removeNode } from '../../libs/provisioning/fleet-control.ts';
import { nullable } from '../../libs/records/variables.ts';
import type { ApiRoutes } from './api-routes.ts';

const Name = Type.Object({ switchname: Type.String({ maxLength: 64 }) });
const Order = Type.Object({
  pause: Type.Boolean({
    default: false,
    description: 'FreeSWITCH itself refuses new calls, or takes them again',
  }),
});
const Ordered = Type.Object({
  switchname: Type.String(),
  state: Type.String(),
  before: Type.String(),
  kamailios: Type.Array(Type.Object({ host: Type.String(), problem: nullable(Type.String()) })),
});

const ORDERS: readonly [path: string, state: AdminState, summary: string][] = [
  ['drain', 'draining', 'Give a node no new calls; those in progress go on'],
  ['undrain', 'active', 'Give a node calls again'],
  ['disable', 'disabled', 'Give a node no calls, until it is taken back'],
];

/** `POST /v1/nodes/:switchname/drain`, `/undrain`, `/disable`, and `DELETE /v1/nodes/:switchname`. */
export function addFleetRoutes(app: ApiRoutes, pool: Pool): void {
  for (const [path, state, summary] of ORDERS) {
    app.post(
      `/v1/nodes/:switchname/${path}`,
      {
        config: { access: { role: 'operator', tenant: 'fleet' } },
        schema: { summary, tag: 'fleet', params: Name, querystring: Order, response: { 200: Ordered } },
      },
      async ({ params: { switchname }, query: { pause } }) => {
        const order = { switchname, state, pauses: pause, requestedBy: 'api' };
        const { before, kamailios } = await orNotFound(orderNode(pool, order));
        return { switchname, state, before, kamailios: kamailios.map(toOutcome) };
      },
    );
  }
  app.delete(
    '/v1/nodes/:switchname',
    {
      config: { access: { role: 'admin', tenant: 'fleet' } },
      schema: {
        summary: 'Forget a node; its assignments go with it',
        tag: 'fleet',
        params: Name,
        response: { 204: Type.Null({ description: 'It is gone' }) },
      },
    },
    async ({ params: { switchname } }, reply) => {
      await orNotFound(removeNode(pool, switchname));
      return reply.code(204).send(null);
    },
  );
}

/** The URL may hold a password: only its host is told. */
function toOutcome({ url, problem }: { url: string; problem: string | undefined }) {
  return { host: URL.parse(url)?.host ?? '', problem: problem ?? null };
}

async function orNotFound<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (codeOf(cause) !== 'not-found') throw cause;
    throw new HttpError(404, 'node-not-found', 'there is no node of this name', { cause });
  }
}
