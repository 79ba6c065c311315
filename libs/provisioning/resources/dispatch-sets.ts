import { Type } from 'typebox';
import { DEST_TYPES } from '../../snapshot/tables/did-routing.ts';
import { replaceDestTypes, replaceMembers } from '../dispatch-sets.sql.ts';
import { integer, name, note } from '../resource/fields.ts';
import type { Resource } from '../resource/resource.ts';

const Member = Type.Object(
  {
    node: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', description: 'switchname' }),
    priority: Type.Optional(Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, default: 0 })),
    weight: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, default: 50 })),
  },
  { additionalProperties: false, title: 'DispatchMember' },
);

/** Sets of nodes that may take a call. */
export const DISPATCH_SETS: Resource = {
  name: 'dispatch-sets',
  title: 'DispatchSet',
  tag: 'fleet',
  words: ['dispatch set', 'dispatch sets'],
  table: 'dispatch_sets',
  key: [{ field: 'set_id' }],
  fields: {
    set_id: integer({ min: 0, max: 2_147_483_647 }, { isRequired: true, isFixed: true, sortType: 'integer' }),
    name: name({ isRequired: true }),
    description: note(),
    members: {
      schema: Type.Array(Member, { maxItems: 1000 }),
      default: [],
      read: `(select coalesce(json_agg(json_build_object('node', m.node, 'priority', m.priority, 'weight', m.weight) order by m.node), '[]')
        from dispatch_members m where m.set_id = t.set_id)`,
      write: (client, value, item) => replaceMembers(client, item['set_id'], value),
    },
    dest_types: {
      schema: Type.Array(Type.Enum([...DEST_TYPES]), {
        maxItems: DEST_TYPES.length,
        uniqueItems: true,
        description: 'kinds of destination that are served here, and nowhere else',
      }),
      default: [],
      read: `(select coalesce(json_agg(d.dest_type order by d.dest_type), '[]') from dest_type_sets d where d.set_id = t.set_id)`,
      write: (client, value, item) => replaceDestTypes(client, item['set_id'], value),
    },
  },
  tenant: 'fleet',
  usedBy: `case when exists (select from domains d where d.dispatch_set = t.set_id) then 'domains' end`,
  read: { role: 'operator', tenant: 'fleet' },
  write: { role: 'operator', tenant: 'fleet' },
  search: ['name', 'description'],
};
