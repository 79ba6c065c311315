import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import { type AdminState, readDiscovery } from '../../../libs/provisioning/fleet.sql.ts';
import { orderNode } from '../../../libs/provisioning/fleet-control.ts';
import { type DiscoveredNode, readDiscoveries } from '../../../libs/provisioning/nodes.sql.ts';
import type { Item } from '../../../libs/provisioning/resource/resource.ts';
import { createdSchema } from '../../../libs/provisioning/resource/schemas.ts';
import { writeItem } from '../../../libs/provisioning/resource/service.ts';
import { NODES } from '../../../libs/provisioning/resources/nodes.ts';
import { placeOf, sipUriOf } from '../../../libs/provisioning/seen-address.ts';
import { nullable } from '../../../libs/records/variables.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { authorOf } from './author.ts';
import { described, itemPath, type ResourceDeps } from './resource-routes.ts';

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
const Name = Type.Object({ switchname: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' }) });

const ORDERS: readonly [path: string, state: AdminState, summary: string][] = [
  ['drain', 'draining', 'Give a node no new calls; those in progress go on'],
  ['undrain', 'active', 'Give a node calls again'],
  ['disable', 'disabled', 'Give a node no calls, until it is taken back'],
];

/** `POST /v1/nodes/:switchname/drain`, `/undrain`, `/disable` and `/adopt`, and `GET /v1/discovered-nodes`. */
export function addNodeRoutes(app: ApiRoutes, deps: ResourceDeps): void {
  for (const order of ORDERS) addOrder(app, order, deps);
  addDiscovered(app, deps);
  addAdopt(app, deps);
}

function addOrder(
  app: ApiRoutes,
  [path, state, summary]: (typeof ORDERS)[number],
  { pool, box }: ResourceDeps,
): void {
  app.post(
    `${itemPath(NODES)}/${path}`,
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: { summary, tag: 'fleet', params: Name, querystring: Order, response: { 200: Ordered } },
    },
    async (request) => {
      const { switchname } = request.params;
      const { actor, role, address } = authorOf(request, box);
      const author = { actor, role, address };
      const order = { switchname, state, pauses: request.query.pause, requestedBy: `api:${actor}`, author };
      const { before, kamailios } = await orderNode(pool, order);
      return { switchname, state, before, kamailios: kamailios.map(toOutcome) };
    },
  );
}

/** The URL may hold a password: only its host is told. */
function toOutcome({ url, problem }: { url: string; problem: string | undefined }) {
  return { host: URL.parse(url)?.host ?? '', problem: problem ?? null };
}

const Discovered = Type.Object(
  {
    switchname: Type.String(),
    address: nullable(Type.String({ description: 'where it was seen' })),
    esl_host: nullable(Type.String({ description: 'where its event socket may be: taken for adopt' })),
    esl_port: nullable(Type.Integer()),
    seen_by: Type.String({ description: 'the service that saw it' }),
    reason: Type.String(),
    first_seen_at: Type.String({ format: 'date-time' }),
    last_seen_at: Type.String({ format: 'date-time' }),
    sightings: Type.Number(),
  },
  { title: 'DiscoveredNode' },
);

function addDiscovered(app: ApiRoutes, { pool }: ResourceDeps): void {
  app.get(
    '/v1/discovered-nodes',
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: 'Servers that showed up and that nobody configured, the last one first',
        tag: 'fleet',
        querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }) }),
        response: { 200: Type.Object({ items: Type.Array(Discovered) }) },
      },
    },
    async ({ query }) => ({ items: (await readDiscoveries(pool, query.limit)).map(toDiscovered) }),
  );
}

function toDiscovered(node: DiscoveredNode) {
  const place = placeOf(node.address);
  return { ...node, esl_host: place?.host ?? null, esl_port: place?.port ?? null };
}

const Adoption = Type.Object(
  {
    esl_password: Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
    esl_host: Type.Optional(
      Type.String({ minLength: 1, maxLength: 253, description: 'where it was seen by default' }),
    ),
    esl_port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    sip_uri: Type.Optional(Type.String({ maxLength: 300, description: 'port 5060 of esl_host by default' })),
    region: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false, title: 'NodeAdoption' },
);

function addAdopt(app: ApiRoutes, { pool, box }: ResourceDeps): void {
  app.post(
    `${itemPath(NODES)}/adopt`,
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: 'Take in a server that showed up by itself',
        tag: 'fleet',
        params: Name,
        body: Adoption,
        response: {
          201: described(createdSchema(NODES), 'It is a node now; its own credential is shown only now'),
        },
        problems: [409, 422],
      },
    },
    async (request, reply) => {
      const { switchname } = request.params;
      const seen = await readDiscovery(pool, switchname);
      if (seen === undefined) throw new HttpError(404, 'not-found', 'no server of this name showed up');
      const node = { switchname, ...whereIs(request.body, seen), ...request.body } as Item;
      const { stored, shown } = await writeItem(pool, NODES, node, {
        author: authorOf(request, box),
        mode: 'create',
      });
      return reply.code(201).send({ ...stored.item, ...shown });
    },
  );
}

/** Where it was seen counts for what nobody said; its calls go to where its event socket is. */
function whereIs({ esl_host: named }: Type.Static<typeof Adoption>, seen: string | null) {
  const place = placeOf(seen);
  const host = named ?? place?.host;
  if (host === undefined) return {};
  const isSeen = host === place?.host;
  return { esl_host: host, ...(isSeen ? { esl_port: place.port } : {}), sip_uri: sipUriOf(host) };
}
