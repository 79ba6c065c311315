import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { cancellable } from '../../../libs/postgres/cancellable.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { DIMENSIONS, STEPS } from '../../../libs/reports/dimension.ts';
import { judgedTrunks } from '../../../libs/store/report/judged-trunks.ts';
import { type KpiReport, type ReportQuestion, readKpis } from '../../../libs/store/report/kpi-report.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import type { SearchTurns } from '../search-turns.ts';
import { KpiAnswer, toKpiAnswer } from './report-answer.ts';
import { Comparison, Digits, OnlyQuery, readOnlyThese, readSpan, SpanQuery } from './report-query.ts';

export interface ReportOptions {
  pool: Pool;
  /** time of one report, milliseconds */
  reportMs: number;
  turns: SearchTurns;
}

export const REPORT_ACCESS = { access: { role: 'analyst', tenant: 'own' } } as const;
const Limit = Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 });
const Compared = { ...SpanQuery, ...OnlyQuery, compare: Comparison, limit: Limit };

const NOTHING = { digits: 4, orderBy: 'attempts', step: undefined } as const;

/** `GET /v1/reports/kpis`, `/destinations`, `/hangup-causes` and `/trunks`: figures over calls, from sums alone. */
export function addKpiRoutes(app: ApiRoutes, { pool, reportMs, turns }: ReportOptions): void {
  const ask = (asker: Parameters<SearchTurns>[0], question: ReportQuestion): Promise<KpiReport> =>
    turns(asker, (signal) =>
      cancellable(pool, signal, async ({ client, limit }) => {
        await limit(reportMs);
        return readKpis(client, question);
      }),
    );
  type Asked = SpanQuery & OnlyQuery & { compare: boolean; limit: number };
  const common = (request: FastifyRequest, query: Asked) => ({
    ...NOTHING,
    ...readSpan(query),
    only: readOnlyThese(query, accessOf(request)),
    comparesBefore: query.compare,
    limit: query.limit,
  });

  app.get(
    '/v1/reports/kpis',
    {
      config: REPORT_ACCESS,
      schema: {
        summary: 'ASR, ACD, NER, PDD, minutes, attempts and MOS, by whatever sums are kept by',
        description: 'By prefix or country it is of outbound calls; definitions are in docs/reporting.md.',
        tag: 'reports',
        querystring: Type.Object({
          ...Compared,
          by: Type.Optional(Type.Array(Type.Enum(DIMENSIONS), { maxItems: 5, uniqueItems: true })),
          step: Type.Optional(Type.Enum(STEPS)),
          digits: Digits,
        }),
        response: { 200: KpiAnswer },
      },
    },
    async (request, reply) => {
      const { by = [], step, digits, ...query } = request.query;
      const report = await ask({ request, reply }, { ...common(request, query), by, step, digits });
      return toKpiAnswer(report, query.tz, query.compare);
    },
  );

  app.get(
    '/v1/reports/destinations',
    {
      config: REPORT_ACCESS,
      schema: {
        summary: 'Where outbound calls went, the most first',
        tag: 'reports',
        querystring: Type.Object({
          ...Compared,
          by: Type.Enum(['prefix', 'country'], { default: 'country' }),
          digits: Digits,
          order: Type.Enum(['attempts', 'minutes'], { default: 'attempts' }),
        }),
        response: { 200: KpiAnswer },
      },
    },
    async (request, reply) => {
      const { by, digits, order, ...query } = request.query;
      const report = await ask(
        { request, reply },
        { ...common(request, query), by: [by], digits, orderBy: order },
      );
      return toKpiAnswer(report, query.tz, query.compare);
    },
  );

  app.get(
    '/v1/reports/hangup-causes',
    {
      config: REPORT_ACCESS,
      schema: {
        summary: 'Why calls ended, the most first',
        tag: 'reports',
        querystring: Type.Object(Compared),
        response: { 200: KpiAnswer },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const report = await ask(
        { request, reply },
        { ...common(request, query), by: ['hangup_cause', 'disposition'] },
      );
      return toKpiAnswer(report, query.tz, query.compare);
    },
  );

  app.get(
    '/v1/reports/trunks',
    {
      config: REPORT_ACCESS,
      schema: {
        summary: 'Quality of each trunk that had enough calls to judge it by',
        tag: 'reports',
        querystring: Type.Object({
          ...Compared,
          min_samples: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 30 }),
        }),
        response: { 200: KpiAnswer },
      },
    },
    async (request, reply) => {
      const { min_samples, ...query } = request.query;
      const report = await ask({ request, reply }, { ...common(request, query), by: ['trunk'] });
      const rows = judgedTrunks(report.rows, min_samples);
      return toKpiAnswer({ ...report, rows }, query.tz, query.compare);
    },
  );
}
