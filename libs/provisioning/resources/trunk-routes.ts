import type { ClientBase } from 'pg';
import { Type } from 'typebox';
import { domain, flag, integer, name } from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Author, Field, Item, Resource } from '../resource/resource.ts';
import { lockRoutes, readRouteConflict } from '../trunk-routes.sql.ts';
import { timeZone, windows } from './numbers.ts';
import { ofDomain, ownerOfDomain } from './of-domain.ts';

const DIGITS = '^\\+?[0-9]{0,15}$';

/** Digits of E.164 without the plus, which may be written. */
const prefix = (description: string): Field => ({
  schema: Type.String({ pattern: DIGITS, description }),
  check: (value) => String(value).replace(/^\+/, ''),
  sortType: 'text',
  isFilter: true,
});

/** Which trunks take a dialled number. */
export const TRUNK_ROUTES: Resource = {
  name: 'trunk-routes',
  title: 'TrunkRoute',
  tag: 'routing',
  words: ['trunk route', 'trunk routes'],
  table: 'trunk_routing',
  key: [{ field: 'id' }],
  fields: {
    id: {
      schema: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      kind: 'read-only',
      sortType: 'bigint',
    },
    prefix: { ...prefix('E.164 digits; the longest that fits wins; empty: every number'), isRequired: true },
    domain: {
      ...domain(),
      schema: Type.Union([domain().schema, Type.Null()]),
      default: null,
    },
    caller_prefix: { ...prefix('of the caller: empty for every one'), default: '' },
    trunk: name({ isRequired: true, isFilter: true }),
    priority: integer(
      { min: -1_000_000, max: 1_000_000 },
      { default: 0, sortType: 'integer', description: 'the highest of a prefix wins' },
    ),
    weight: integer({ min: 0, max: 1_000_000 }, { default: 1, description: 'share among equals' }),
    strip: integer({ min: 0, max: 15 }, { default: 0, description: 'digits taken away' }),
    prepend: { schema: Type.String({ pattern: '^\\+?[0-9*#]{0,15}$' }), default: '' },
    caller_id_rewrite: {
      schema: Type.Union([Type.String({ pattern: '^\\+?[0-9]{1,15}$' }), Type.Null()]),
      default: null,
    },
    cost_per_minute: {
      schema: Type.Union([Type.Number({ minimum: 0, maximum: 99_999 }), Type.Null()]),
      default: null,
    },
    time_zone: timeZone,
    windows,
    active: flag(true),
  },
  tenant: ofDomain,
  owner: ownerOfDomain,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'operator', tenant: 'own' },
  search: ['prefix', 'trunk'],
  isBulk: true,
  confirm,
};

/** Longer and shorter prefixes go together; the same prefix twice to one trunk is a mistake. Another tenant's trunk is not there. */
async function confirm(client: ClientBase, item: Item, author: Author): Promise<void> {
  await lockRoutes(client, item);
  const { hasTrunk, twin } = await readRouteConflict(client, item, author.tenant);
  if (!hasTrunk) throw refuse({ field: 'trunk', reason: `there is no trunk ${item['trunk']}` });
  if (twin !== undefined) {
    const reason = `overlaps with route ${twin}: the same prefix, domain, caller prefix and times lead to the same trunk`;
    throw refuse({ field: 'prefix', reason });
  }
}
