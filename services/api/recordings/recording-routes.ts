import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from '../../../libs/clock/clock.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { insertAudit } from '../../../libs/provisioning/audit.sql.ts';
import { mediaType } from '../../../libs/recordings/recording-path.ts';
import type { RecordingSource } from '../../../libs/recordings/recording-source.ts';
import { openSharedFile, readRange, type SharedFile } from '../../../libs/recordings/shared-file.ts';
import type { SeenCall } from '../../../libs/store/search/call-lookup.ts';
import { accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { CallKey, findSeenCall } from '../calls/detail-routes.ts';
import { Key } from '../calls/search-text.ts';

export interface RecordingOptions {
  pool: Pool;
  /** the primary: the audit log is written there */
  writePool: Pool;
  source: RecordingSource;
  clock: Pick<Clock, 'nowUs'>;
}

const Recording = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'of the file' }),
  node: Type.String({ description: 'the server that recorded it' }),
  leg: Type.String({ description: 'uuid of the leg that was recorded' }),
  url: Type.String(),
});

/** A recording of a call that may be seen. */
interface Found {
  id: string;
  node: string;
  leg: string;
  path: string;
}

/** `GET /v1/calls/:id/recordings`, and each of them: streamed from the shared folder, or a redirect to where it is. */
export function addRecordingRoutes(app: ApiRoutes, options: RecordingOptions): void {
  const { pool } = options;
  app.get(
    '/v1/calls/:id/recordings',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary: 'Recordings of a call, on whichever server',
        tag: 'calls',
        params: CallKey,
        response: { 200: Type.Object({ items: Type.Array(Recording) }) },
      },
    },
    async (request) => {
      const { call, legs } = await findSeenCall(pool, request.params.id, accessOf(request));
      const items = recordingsOf({ call, legs }).map(({ id, node, leg, path }) => ({
        ...{ id, node, leg, name: posix.basename(path) },
        url: `/v1/calls/${call.id}/recordings/${id}`,
      }));
      return { items };
    },
  );

  app.get(
    '/v1/calls/:id/recordings/:recording',
    {
      config: { access: { role: 'operator', tenant: 'own' } },
      schema: {
        summary: 'One recording: its sound, or a redirect to it; noted in the audit log',
        tag: 'calls',
        params: Type.Object({
          ...CallKey.properties,
          recording: Key('id of the recording, as the list has it'),
        }),
        problems: [416],
        response: {
          200: { description: 'The recording', content: { 'audio/*': { schema: Type.String() } } },
          206: {
            description: 'The part of it that was asked for',
            content: { 'audio/*': { schema: Type.String() } },
          },
          302: { description: 'Where it is, for a short time', type: 'null' },
        },
      },
    },
    async (request, reply) => {
      const seen = await findSeenCall(pool, request.params.id, accessOf(request));
      const found = recordingsOf(seen).find(({ id }) => id === request.params.recording);
      const place = found && options.source.locate(found, options.clock.nowUs());
      if (found === undefined || place === undefined) throw missing();
      if ('url' in place) {
        await note(options.writePool, request, seen, found);
        return reply.header('cache-control', 'no-store').redirect(place.url, 302);
      }
      const file = await openSharedFile(place.folder, place.path);
      if (file === undefined) throw missing();
      return sendFile(reply, file, {
        found,
        request,
        noted: () => note(options.writePool, request, seen, found),
      });
    },
  );
}

const missing = () =>
  new HttpError(404, 'recording-not-found', 'there is no such recording, or not any more');

function recordingsOf({ legs }: SeenCall): Found[] {
  return legs.flatMap(({ node, uuid, recording_paths }) =>
    recording_paths.map((path) => ({ id: idOf(node, path), node, leg: uuid, path })),
  );
}

/** Says nothing of the path, and stays the same whatever else is recorded. */
const idOf = (node: string, path: string) =>
  createHash('sha256').update(`${node}\n${path}`).digest('hex').slice(0, 24);

/** Written before anything is heard: what cannot be noted is not given. */
async function note(
  pool: Pool,
  request: FastifyRequest,
  { call }: SeenCall,
  { id, node, leg }: Found,
): Promise<void> {
  const { name, role } = accessOf(request);
  const range = request.headers.range;
  await insertAudit(pool, [
    {
      ...{ actor: name, role, address: request.ip, action: 'open', resource: 'recordings' },
      key: `${call.id}/${id}`,
      tenant: call.tenant,
      after: { node, leg, ...(range === undefined ? {} : { range: range.slice(0, 100) }) },
    },
  ]);
}

interface Sending {
  found: Found;
  request: FastifyRequest;
  noted: () => Promise<void>;
}

async function sendFile(
  reply: FastifyReply,
  { handle, bytes }: SharedFile,
  { found, request, noted }: Sending,
): Promise<FastifyReply> {
  try {
    const range = readRange(request.headers.range, bytes);
    if (range === 'none') {
      void reply.header('content-range', `bytes */${bytes}`);
      throw new HttpError(416, 'range-not-satisfiable', `the recording has ${bytes} bytes`);
    }
    await noted();
    const { first, last } = range ?? { first: 0, last: bytes - 1 };
    void reply.code(range === undefined ? 200 : 206).headers({
      'content-type': mediaType(found.path),
      'content-length': last - first + 1,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-disposition': `inline; filename="${found.id}${posix.extname(found.path).replace(/[^.A-Za-z0-9]/g, '')}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      ...(range === undefined ? {} : { 'content-range': `bytes ${first}-${last}/${bytes}` }),
    });
    if (bytes === 0) {
      await handle.close();
      return reply.send('');
    }
    return reply.send(handle.createReadStream({ start: first, end: last }));
  } catch (error) {
    await handle.close();
    throw error;
  }
}
