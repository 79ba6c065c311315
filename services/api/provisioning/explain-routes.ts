import type { PoolClient } from 'pg';
import { Type } from 'typebox';
import { createClock } from '../../../libs/clock/clock.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { readRoutingState } from '../../../libs/provisioning/routing-state.ts';
import { nullable } from '../../../libs/records/variables.ts';
import { explainCall } from '../../../libs/routing/explain.ts';
import type { ApiRoutes } from '../api-routes.ts';

const text = (description: string, maxLength = 300) =>
  Type.String({ maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$', description });

export const RoutingQuestion = Type.Object({
  to: Type.String({ ...text('what is dialled: a number, a user, or a SIP URI'), minLength: 1 }),
  from: Type.Optional(text('who calls')),
  domain: Type.Optional(text('host of the request URI')),
  src: Type.Optional(text('address[:port] that the request comes from', 60)),
  call_id: Type.Optional(text('draws the order among equals')),
  attempted: Type.Optional(
    text('trunks and nodes that refused the call already, with commas between', 1_000),
  ),
});

const Open = Type.Object({}, { additionalProperties: true });
const Age = nullable(
  Type.Number({ description: 'milliseconds since its last heartbeat; null: none was heard' }),
);

export const Explained = Type.Object(
  {
    decision: Open,
    steps: Type.Array(
      Type.Object({
        about: Type.String({ description: 'did, trunk, node or call' }),
        subject: Type.String(),
        verdict: Type.String({ description: 'taken, or why it lost' }),
        figures: Type.Optional(Open),
      }),
    ),
    load: Type.Object({
      youngest_ms: Age,
      nodes: Type.Record(Type.String(), Age),
    }),
  },
  { title: 'RoutingExplanation' },
);

/** `GET /v1/routing/explain`: where a call would go now, by the code that decides it. */
export function addExplainRoute(app: ApiRoutes, pool: Pool): void {
  app.get(
    '/v1/routing/explain',
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: 'Where a call would go now, everything that was considered, and why it lost',
        description:
          'The configuration is read from the database, the load as it was stored last: up to a second behind the routing services.',
        tag: 'routing',
        querystring: RoutingQuestion,
        response: { 200: Explained },
      },
    },
    async ({ query }) => explainNow(pool, query),
  );
}

/** Decides about a call by what is stored, or by what a transaction would store, and says why. */
export async function explainNow(
  database: Pool | PoolClient,
  { to, from = '', domain, src, call_id: callId, attempted = '' }: Type.Static<typeof RoutingQuestion>,
): Promise<Type.Static<typeof Explained>> {
  const tried = new Set(attempted.split(',').filter((name) => name !== ''));
  const question = { to, from, domain, src, callId, attempted: tried, nodeFirst: false };
  const state = await readRoutingState(database, { question, nowUs: createClock().nowUs() });
  const { decision, steps, load } = explainCall(state, question);
  return {
    decision: { ...decision },
    steps: steps.map((step) => ({ ...step, figures: { ...step.figures } })),
    load,
  };
}
