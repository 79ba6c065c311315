import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { readTimeZone } from '../../../libs/reports/time-zone.ts';
import { type ExportQuestion, type OpenExport, openExport } from '../../../libs/store/export/export.ts';
import { CALL_EXPORT, type ExportColumn, LEG_EXPORT } from '../../../libs/store/export/export-column.ts';
import { EXPORT_FORMATS, type ExportFormat, rowFormat } from '../../../libs/store/export/row-format.ts';
import { allOf } from '../../../libs/store/fragment.ts';
import { callCondition } from '../../../libs/store/search/call-filter.ts';
import { spanCondition } from '../../../libs/store/search/call-search.ts';
import { legCondition } from '../../../libs/store/search/leg-search.ts';
import { accessOf } from '../access/access.ts';
import type { Gate } from '../access/gate.ts';
import { type Leave, Places } from '../access/places.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { CallQuery, toCallFilter, toSpan } from './call-query.ts';
import { whenGone } from './client-gone.ts';
import { LegQuery, toLegFilter } from './leg-query.ts';

export interface ExportOptions {
  /** where exports run, each on a connection of its own */
  pool: Pool;
  metrics: Registry;
  gate: Gate;
}

/** Each holds a connection and a snapshot of PostgreSQL for as long as its reader takes. */
const MOST_EXPORTS = { most: 4, mostOfTenant: 2 };
const ACCESS = { access: { role: 'analyst', tenant: 'own' } } as const;

const ExportQuery = {
  format: Type.Enum(EXPORT_FORMATS, { default: 'csv' }),
  tz: Type.String({
    default: 'UTC',
    maxLength: 64,
    description: 'time zone of all times, like Europe/Berlin',
  }),
};

const Files = {
  description:
    'All rows, as a stream. Header Switchfleet-Rows says how many there will be when that is known at once, the trailer of the same name how many there were; units are in the names of columns',
  content: {
    'text/csv': { schema: Type.String() },
    'application/x-ndjson': { schema: Type.String() },
  },
};

/** `GET /v1/calls/export` and `GET /v1/legs/export`: whole results, as CSV or NDJSON. */
export function addExportRoutes(app: ApiRoutes, { pool, metrics, gate }: ExportOptions): void {
  const places = new Places(MOST_EXPORTS);
  showExports(places, metrics);

  app.get(
    '/v1/calls/export',
    {
      config: ACCESS,
      schema: {
        summary: 'All calls of a search as one file, newest first',
        tag: 'calls',
        querystring: Type.Object({ ...ExportQuery, ...CallQuery }),
        response: { 200: Files },
      },
    },
    async (request, reply) => {
      const { format, tz, ...query } = request.query;
      const filter = callCondition(toCallFilter(query, accessOf(request)));
      const where = allOf([filter, spanCondition(toSpan(query))]);
      const file = { name: 'calls', columns: CALL_EXPORT, format, tz };
      return send(reply, file, { from: 'calls c', where, orderBy: 'c.id desc' });
    },
  );

  app.get(
    '/v1/legs/export',
    {
      config: ACCESS,
      schema: {
        summary: 'All legs of a search as one file, newest first',
        tag: 'calls',
        querystring: Type.Object({ ...ExportQuery, ...LegQuery }),
        response: { 200: Files },
      },
    },
    async (request, reply) => {
      const { format, tz, ...query } = request.query;
      const where = legCondition(toLegFilter(query, accessOf(request)), toSpan(query));
      const file = { name: 'legs', columns: LEG_EXPORT, format, tz };
      return send(reply, file, { from: 'legs l', where, orderBy: 'l.start_at desc, l.uuid desc' });
    },
  );

  async function send(
    reply: FastifyReply,
    { name, columns, format, tz }: ExportFile,
    question: Pick<ExportQuestion, 'from' | 'where' | 'orderBy'>,
  ): Promise<FastifyReply> {
    const timeZone = readTimeZone(tz);
    const rows = rowFormat(format, columns);
    // who asks for the head only shall not cost a whole export
    if (reply.request.method === 'HEAD') return reply.type(rows.contentType).send('');
    const leave = takePlace(places, accessOf(reply.request).tenant);
    const opened = await openExport(pool, {
      ...question,
      format: rows,
      timeZone,
      signal: whenGone(reply),
    }).catch((error) => {
      leave();
      throw error;
    });
    const mayGoOn = () => gate.mayGoOn(reply.request);
    const stream = Readable.from(whileAllowed(opened.pieces(), mayGoOn), {
      objectMode: true,
      highWaterMark: 1,
    });
    stream.once('close', () => {
      leave();
      void opened.close();
    });
    describeFile(reply, opened, { name, format, timeZone });
    return reply.type(rows.contentType).send(stream);
  }
}

/** A file whose token counts no more breaks off. A database that is away is no reason to: what is not known is not refused. */
async function* whileAllowed(
  pieces: AsyncIterable<string>,
  mayGoOn: () => Promise<boolean>,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    if (!(await mayGoOn().catch(() => true)))
      throw new HttpError(401, 'not-authorised', 'the token counts no more');
    yield piece;
  }
}

interface ExportFile {
  name: string;
  columns: readonly ExportColumn[];
  format: ExportFormat;
  tz: string;
}

function describeFile(
  reply: FastifyReply,
  opened: OpenExport,
  { name, format, timeZone }: { name: string; format: ExportFormat; timeZone: string },
): void {
  void reply.headers({
    'content-disposition': `attachment; filename="${name}.${format}"`,
    'x-content-type-options': 'nosniff',
    'switchfleet-time-zone': timeZone,
    'switchfleet-units': '_s seconds, _ms milliseconds, times with their offset from UTC',
  });
  if (opened.rows !== undefined) void reply.header('switchfleet-rows', String(opened.rows));
  void reply.trailer('switchfleet-rows', async () => String(opened.sent));
}

function showExports(places: Places, metrics: Registry): void {
  new Gauge({
    name: 'switchfleet_api_exports',
    help: 'Exports that are being read just now',
    registers: [metrics],
    collect() {
      this.set(places.taken);
    },
  });
}

/** @throws HttpError 503 `exports-busy` */
function takePlace(places: Places, tenant: string | undefined): Leave {
  const leave = places.enter(tenant);
  if (leave !== undefined) return leave;
  throw new HttpError(503, 'exports-busy', 'as many exports as may be are under way already', {
    retryAfter: 10,
  });
}
