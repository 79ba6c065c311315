import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { Microseconds, nullable } from '../../../libs/records/variables.ts';
import {
  listCdrDocuments,
  listTimeline,
  type StoredCdrDocument,
  type TimelineEvent,
} from '../../../libs/store/search/call-evidence.sql.ts';
import { lookUpCall, type SeenCall } from '../../../libs/store/search/call-lookup.ts';
import { tagsOfCall } from '../../../libs/store/search/call-quality.sql.ts';
import { toInstant } from '../../../libs/store/search/instant.ts';
import { proxiesOfLegs } from '../../../libs/store/search/leg-proxy.sql.ts';
import { QUALITY_TAGS } from '../../../libs/store/search/quality.ts';
import { type Access, accessOf } from '../access/access.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { CallDetail, toCallDetail } from '../call-schemas.ts';
import { documentPath } from '../document-routes.ts';
import { Key } from './search-text.ts';

/** Events of one call that are shown: a conference may have more. */
const MOST_EVENTS = 2_000;

const Event = Type.Object({
  at: Type.String({ format: 'date-time', description: "RFC 3339, UTC, of the node's clock" }),
  at_us: Microseconds,
  uuid: Type.String({ description: 'of the leg' }),
  node: Type.String(),
  sequence: Type.Integer({ description: 'Event-Sequence' }),
  event_name: Type.String(),
  event_subclass: nullable(Type.String()),
  headers: Type.Record(Type.String(), Type.String()),
});

const CdrDocument = Type.Object({
  uuid: Type.String({ description: 'of the leg' }),
  format: Type.Enum(['xml', 'json']),
  node: Type.String(),
  received_us: Microseconds,
  bytes: Type.Integer(),
  url: Type.String({ description: 'the document as FreeSWITCH made it, byte for byte' }),
});

const Detail = Type.Object({
  ...CallDetail.properties,
  quality: Type.Array(Type.Enum(QUALITY_TAGS), {
    description: "what it suffered from; empty where a tenant's token sees only a part of it",
  }),
  timeline: Type.Array(Event, { description: 'events of all legs, in order' }),
  timeline_complete: Type.Boolean({ description: `false: there are more than ${MOST_EVENTS} events` }),
  cdrs: Type.Array(CdrDocument, { description: 'the CDRs of its legs, as long as they are kept' }),
});

/** Path of a call: by whatever is known of it. */
export const CallKey = Type.Object({
  id: Key('id of the call, one that was superseded, uuid of a leg, or Call-ID of a leg'),
});

/** The call that a path names, as far as it may be seen. @throws HttpError 404 `call-not-found` */
export async function findSeenCall(pool: Pool, key: string, { tenant }: Access): Promise<SeenCall> {
  const seen = await lookUpCall(pool, { key, tenant });
  if (seen === undefined) throw new HttpError(404, 'call-not-found', `there is no call or leg ${key}`);
  return seen;
}

/** `GET /v1/calls/:id`: what happened to this call. */
export function addCallDetailRoutes(app: ApiRoutes, pool: Pool): void {
  app.get(
    '/v1/calls/:id',
    {
      config: { access: { role: 'analyst', tenant: 'own' } },
      schema: {
        summary: 'One call with its legs, its timeline and its CDRs',
        description:
          "By its id, an id that was superseded, the uuid of a leg, or the Call-ID of a leg. Of a call of another tenant, a tenant's token sees its own legs only.",
        tag: 'calls',
        params: CallKey,
        response: { 200: Detail },
      },
    },
    async (request) => {
      const { call, legs } = await findSeenCall(pool, request.params.id, accessOf(request));
      const events = await listTimeline(pool, legs, MOST_EVENTS + 1);
      const documents = await listCdrDocuments(pool, legs);
      const proxies = await proxiesOfLegs(pool, legs);
      return {
        ...toCallDetail(call, legs, proxies),
        quality: await tagsOfCall(pool, { id: call.id, tenant: accessOf(request).tenant }),
        timeline: events.slice(0, MOST_EVENTS).map(toEvent),
        timeline_complete: events.length <= MOST_EVENTS,
        cdrs: documents.map(toCdr),
      };
    },
  );
}

function toCdr({ start_us, ...document }: StoredCdrDocument) {
  return { ...document, url: urlOf({ ...document, start_us }) };
}

const toEvent = (event: TimelineEvent) => ({ ...event, at: toInstant(event.at_us) });

const urlOf = (document: StoredCdrDocument) => `${documentPath(document)}&format=${document.format}`;
