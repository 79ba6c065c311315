import { Type } from 'typebox';
import { NodeState } from '../../libs/records/node-event.ts';
import { NodeLoad } from '../../libs/records/node-load.ts';
import { Microseconds, nullable } from '../../libs/records/variables.ts';
import { listNodes, type NodeOverview } from '../../libs/store/search/nodes.ts';
import type { SearchDatabase } from '../../libs/store/search/search-database.ts';
import type { ApiRoutes } from './api-routes.ts';

const { v: _v, node: _node, ...loadFields } = NodeLoad.properties;

const NodeItem = Type.Object({
  switchname: Type.String(),
  esl_host: Type.String(),
  esl_port: Type.Integer(),
  configured_state: Type.String({ description: 'active, draining or disabled, as somebody decided' }),
  state: nullable(NodeState),
  reason: nullable(Type.String({ description: 'why it is in that state' })),
  state_us: nullable(Microseconds),
  core_uuid: nullable(Type.String()),
  clock_offset_us: nullable(Type.Integer({ description: 'its clock minus ours' })),
  load: nullable(Type.Object(loadFields)),
});
type NodeItem = Type.Static<typeof NodeItem>;

/** `GET /v1/nodes`: every configured node, its state with the reason, and its load. */
export function addNodeRoutes(app: ApiRoutes, database: SearchDatabase): void {
  app.get(
    '/v1/nodes',
    {
      config: { access: { role: 'analyst', tenant: 'fleet' } },
      schema: {
        summary: 'All nodes, with state and load',
        tag: 'fleet',
        response: { 200: Type.Object({ items: Type.Array(NodeItem) }) },
      },
    },
    async () => ({ items: (await listNodes(database)).map(toNodeItem) }),
  );
}

function toNodeItem({ configured, status }: NodeOverview): NodeItem {
  return {
    ...configured,
    state: status?.state ?? null,
    reason: status?.reason ?? null,
    state_us: status?.state_us ?? null,
    core_uuid: status?.core_uuid ?? null,
    clock_offset_us: status?.clock_offset_us ?? null,
    load: status?.load ?? null,
  };
}
