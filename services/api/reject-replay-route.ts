import { Type } from 'typebox';
import type { Bus } from '../../libs/bus/bus.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import { publishCdrs, type Reparse } from '../../libs/freeswitch/cdr/reparse.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { insertAudit } from '../../libs/provisioning/audit.sql.ts';
import { includesRole } from '../../libs/provisioning/role.ts';
import { nullable } from '../../libs/records/variables.ts';
import { isBeaten } from '../../libs/store/document-rank.ts';
import { DIFFERENCE, DIFFERS, findReject, type StoredReject } from '../../libs/store/reject.sql.ts';
import { replayReject } from '../../libs/store/reject-replay.ts';
import { rejectedBody } from '../../libs/store/rejected-body.ts';
import { type Access, accessOf } from './access/access.ts';
import type { ApiRoutes } from './api-routes.ts';

export interface ReplayOptions {
  /** the primary */
  pool: Pool;
  clock: Clock;
  /** reads bodies as service cdr of this release and configuration does */
  reparse: Reparse;
  /** where CDRs go; undefined: this api has no bus */
  openBus: (() => Promise<Bus>) | undefined;
}

const Replay = Type.Object(
  {
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4_000_000,
        description: 'the document as it should have been, instead of what was posted; needs the role admin',
      }),
    ),
  },
  { additionalProperties: false, title: 'RejectReplay' },
);

const Replayed = Type.Object(
  {
    outcome: Type.Enum(['replayed', 'refused'], {
      description:
        'replayed: posted again as a CDR, for the writer to store; refused: it cannot be read still, or loses to the CDR that is stored (cdr-differs)',
    }),
    reason: nullable(Type.String()),
    detail: nullable(Type.String()),
    uuid: nullable(Type.String({ description: 'of the leg that it is the CDR of' })),
  },
  { title: 'RejectReplayed' },
);

/** `POST /v1/cdr-rejects/:id/replay`: reads a reject again, or what somebody made of it, and posts it as the CDR that it is. */
export function addReplayRoute(app: ApiRoutes, options: ReplayOptions): void {
  app.post(
    '/v1/cdr-rejects/:id/replay',
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      bodyLimit: 8_000_000,
      schema: {
        summary: 'Read a reject again and post it as the CDR that it is',
        tag: 'calls',
        params: Type.Object({ id: Type.String({ pattern: '^[0-9]{1,18}$' }) }),
        body: Replay,
        response: { 200: Replayed },
      },
    },
    async (request) => {
      const { text } = request.body;
      const access = accessOf(request);
      if (text !== undefined && !includesRole(access.role, 'admin'))
        throw new HttpError(403, 'role-too-low', 'a CDR that somebody wrote needs the role admin');
      const reject = await findReject(options.pool, request.params.id);
      if (reject === undefined)
        throw new HttpError(404, 'reject-not-found', `there is no reject ${request.params.id}`);
      return replay(reject, { ...options, text, access, address: request.ip });
    },
  );
}

interface Replaying extends ReplayOptions {
  text: string | undefined;
  access: Access;
  address: string;
}

async function replay(reject: StoredReject, { text, ...options }: Replaying) {
  const read = options.reparse({
    ...rejectedBody(reject),
    ...(text !== undefined && { body: Buffer.from(text) }),
  });
  if ('reject' in read) {
    const { reason, detail } = read.reject;
    return { outcome: 'refused' as const, reason, detail, uuid: null };
  }
  const { uuid } = read.ok.cdr;
  if (await isBeaten(options.pool, read.ok))
    return { outcome: 'refused' as const, reason: DIFFERS, detail: DIFFERENCE, uuid };
  if (options.openBus === undefined)
    throw new HttpError(503, 'bus-unavailable', 'this api has no bus to publish CDRs on');
  const bus = await options.openBus();
  const publish = async () => {
    await note(reject.id, { ...options, after: { uuid, changed: text !== undefined } });
    await publishCdrs(bus, [read.ok]);
  };
  await replayReject(options.pool, reject, { nowUs: options.clock.nowUs(), publish });
  return { outcome: 'replayed' as const, reason: null, detail: null, uuid };
}

/** Who stored a CDR by hand is in the audit log. */
async function note(
  id: string,
  { pool, access, address, after }: Omit<Replaying, 'text'> & { after: { uuid: string; changed: boolean } },
): Promise<void> {
  const { name: actor, role } = access;
  await insertAudit(pool, [
    {
      actor,
      role,
      address,
      action: 'replay',
      resource: 'cdr-rejects',
      key: id,
      tenant: null,
      before: null,
      after,
    },
  ]);
}
