import { Type } from 'typebox';
import { cancellable } from '../../../libs/postgres/cancellable.ts';
import { CURVE_STEPS, checkCurve } from '../../../libs/reports/curve.ts';
import { readConcurrencyReport } from '../../../libs/store/report/concurrency-report.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { tenantOf } from '../calls/call-query.ts';
import { REPORT_ACCESS, type ReportOptions } from './kpi-routes.ts';
import { ReportHead, toHead } from './report-answer.ts';
import { OnlyQuery, readSpan, SpanQuery } from './report-query.ts';

const Answer = Type.Object({
  ...ReportHead,
  items: Type.Array(
    Type.Object({
      step: Type.String({ description: 'its beginning, by the clock of the time zone' }),
      calls: Type.Integer({ description: 'the most that were up at once' }),
    }),
  ),
});

/** `GET /v1/reports/concurrency`: how many calls were up at once. */
export function addConcurrencyRoutes(app: ApiRoutes, { pool, reportMs, turns }: ReportOptions): void {
  app.get(
    '/v1/reports/concurrency',
    {
      config: REPORT_ACCESS,
      schema: {
        summary: 'The most calls that were up at once, step by step',
        tag: 'reports',
        querystring: Type.Object({
          ...SpanQuery,
          tenant: OnlyQuery.tenant,
          node: OnlyQuery.node,
          step: Type.Enum(CURVE_STEPS, { default: 'hour' }),
        }),
        response: { 200: Answer },
      },
    },
    async (request, reply) => {
      const { step, node, tz, ...query } = request.query;
      const span = readSpan({ ...query, tz });
      checkCurve(step, span);
      const tenant = tenantOf(accessOf(request), query.tenant);
      return turns({ request, reply }, (signal) =>
        cancellable(pool, signal, async ({ client, limit }) => {
          await limit(reportMs);
          const { points, ...head } = await readConcurrencyReport(client, { ...span, step, tenant, node });
          return { ...toHead(head, tz), items: points };
        }),
      );
    },
  );
}
