import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import { readCsvRows } from '../../../libs/provisioning/bulk/csv-rows.ts';
import { exportCsv } from '../../../libs/provisioning/bulk/export-csv.ts';
import { importItems } from '../../../libs/provisioning/bulk/import-items.ts';
import type { ImportReport } from '../../../libs/provisioning/bulk/import-report.ts';
import { readNdjsonRows } from '../../../libs/provisioning/bulk/ndjson-rows.ts';
import type { Item, Resource } from '../../../libs/provisioning/resource/resource.ts';
import { filterSchemas } from '../../../libs/provisioning/resource/schemas.ts';
import { explained } from '../../../libs/provisioning/resource/service.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { whenGone } from '../calls/client-gone.ts';
import { authorOf } from './author.ts';
import { pathOf, type ResourceDeps, searchSchema } from './resource-routes.ts';

/** A file is never held in memory: this bounds what one can fill the database's disk with. */
const MAX_BYTES = 256 * 1024 * 1024;
/** Each holds a connection of the pool, and locks while it is stored. */
const MAX_AT_A_TIME = 2;
/** A connection is silent while a file is stored. */
const SILENT_MS = 30 * 60_000;

const Report = Type.Object(
  {
    rows: Type.Integer(),
    created: Type.Integer(),
    updated: Type.Integer(),
    unchanged: Type.Integer(),
    refused: Type.Integer(),
    is_kept: Type.Boolean({ description: 'whether anything was stored' }),
    errors: Type.Array(Type.Object({ line: Type.Integer(), field: Type.String(), reason: Type.String() }), {
      description: 'what is wrong with which line: the first thousand',
    }),
    errors_left_out: Type.Integer(),
  },
  { title: 'ImportReport' },
);

const Query = Type.Object({
  partial: Type.Boolean({
    default: false,
    description: 'keep the good rows when others cannot be; by default all or nothing',
  }),
  dry_run: Type.Boolean({ default: false, description: 'everything is checked and nothing is kept' }),
});

const FORMATS = {
  csv: {
    type: 'text/csv',
    words:
      'The first line names fields. Lists have spaces between their words, maps and time windows are JSON. An empty cell is what the field has when nothing is given; a secret stays.',
  },
  ndjson: { type: 'application/x-ndjson', words: 'One JSON object a line. What is left out stays as it is.' },
} as const;

/** `GET /v1/<things>.csv` exports, `POST /v1/<things>.csv` and `.ndjson` make and change many. */
export function addBulkRoutes(app: ApiRoutes, resources: readonly Resource[], deps: ResourceDeps): void {
  for (const { type } of Object.values(FORMATS)) {
    app.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  }
  const turnstile = createTurnstile();
  for (const resource of resources) {
    addExport(app, resource, deps);
    for (const format of ['csv', 'ndjson'] as const) addImport(app, resource, { ...deps, format, turnstile });
  }
}

function addExport(app: ApiRoutes, resource: Resource, { pool }: ResourceDeps): void {
  const { read: access, words, tag } = resource;
  app.get(
    `${pathOf(resource)}.csv`,
    {
      config: { access },
      schema: {
        summary: `Export ${words[1]} as CSV`,
        description:
          'Without secrets. A cell that a spreadsheet would take for a formula begins with an apostrophe, which an import takes away.',
        tag,
        querystring: Type.Object({
          ...filterSchemas(resource),
          ...searchSchema(resource),
        }),
        response: {
          200: { description: 'One line a thing', content: { 'text/csv': { schema: Type.String() } } },
        },
      },
    },
    async (request, reply) => {
      const { q, ...filters } = request.query as { q?: string } & Item;
      const { tenant } = accessOf(request);
      const lines = exportCsv(pool, resource, { tenant, filters, q });
      // the first page is asked for before anything is sent: a database that is away is still told as a problem
      const { value: head = '' } = await lines.next();
      const { value: first = '' } = await lines.next();
      void reply.header('content-type', 'text/csv; charset=utf-8; header=present');
      void reply.header('content-disposition', `attachment; filename="${resource.name}.csv"`);
      return (reply as FastifyReply).send(Readable.from(withHead(`${head}${first}`, lines)));
    },
  );
}

async function* withHead(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield head;
  yield* rest;
}

interface ImportDeps extends ResourceDeps {
  format: keyof typeof FORMATS;
  turnstile: <T>(work: () => Promise<T>) => Promise<T>;
}

function addImport(app: ApiRoutes, resource: Resource, { pool, box, format, turnstile }: ImportDeps): void {
  const { write: access, words, tag } = resource;
  const { type, words: description } = FORMATS[format];
  app.post(
    `${pathOf(resource)}.${format}`,
    {
      config: { access },
      schema: {
        summary: `Make and change many ${words[1]}`,
        description,
        tag,
        querystring: Query,
        requestContent: { [type]: { schema: Type.String() } },
        response: { 200: Report },
        problems: [413, 415, 422],
      },
    },
    async (request, reply) => {
      const { partial, dry_run: dryRun } = request.query;
      const pieces = fileOf(request, type);
      const rows = format === 'csv' ? readCsvRows(resource, pieces) : readNdjsonRows(pieces);
      const options = { author: authorOf(request, box), partial, dryRun, signal: whenGone(reply) };
      const report = await turnstile(() =>
        silently(request, () => explained(resource, () => importItems(pool, resource, rows, options))),
      );
      if (report.refused > 0 && !partial) throw refusedImport(report);
      return report;
    },
  );
}

function fileOf({ body, headers }: FastifyRequest, type: string): AsyncIterable<Buffer> {
  if (body instanceof Readable && headers['content-type']?.startsWith(type)) return bounded(body);
  throw new HttpError(415, 'invalid-media-type', `the body must be ${type}`);
}

/** Whoever stops reading leaves the connection open: it still has to carry the answer. */
async function* bounded(body: Readable): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > MAX_BYTES) throw tooLarge();
      yield piece;
    }
  } catch (error) {
    throw body.errored === null
      ? error
      : new CodedError('cancelled', 'the client went away', { cause: error });
  }
}

function tooLarge(): HttpError {
  return new HttpError(413, 'body-too-large', `a file may have ${MAX_BYTES} bytes: split it`);
}

/** Lets a connection say nothing for as long as the work takes. */
async function silently<T>({ raw: { socket } }: FastifyRequest, work: () => Promise<T>): Promise<T> {
  if (!(socket instanceof Socket)) return work();
  const { timeout = 0 } = socket;
  socket.setTimeout(SILENT_MS);
  try {
    return await work();
  } finally {
    socket.setTimeout(timeout);
  }
}

function refusedImport(report: ImportReport): HttpError {
  const errors = report.errors.slice(0, 20).map(({ line, field, reason }) => ({
    field: field === '' ? `line ${line}` : `line ${line}: ${field}`,
    reason,
  }));
  return new HttpError(
    422,
    'import-refused',
    `${report.refused} of ${report.rows} rows cannot be: nothing was stored`,
    {
      errors,
      details: { report },
    },
  );
}

/** Lets a few through at a time, and turns the others away at once. */
function createTurnstile(): ImportDeps['turnstile'] {
  let inside = 0;
  return async (work) => {
    if (inside >= MAX_AT_A_TIME) {
      throw new HttpError(503, 'import-busy', 'other files are being stored just now', { retryAfter: 5 });
    }
    inside += 1;
    try {
      return await work();
    } finally {
      inside -= 1;
    }
  };
}
