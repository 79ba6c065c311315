import { Type } from 'typebox';
import { createdAt, domain, flag, name, optionalInteger, optionalName, pairs } from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Resource } from '../resource/resource.ts';

const nullable = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);

/** SIP domains: how numbers are dialled in them, and where their calls are served. */
export const DOMAINS: Resource = {
  name: 'domains',
  title: 'Domain',
  tag: 'users',
  words: ['domain', 'domains'],
  table: 'domains',
  key: [{ field: 'name' }],
  fields: {
    name: domain({ isRequired: true, isFixed: true, isFilter: false }),
    tenant: name({ isRequired: true, isFilter: true, description: 'whose it is' }),
    enabled: flag(true, { description: 'none of its users is found otherwise' }),
    country: {
      schema: nullable(
        Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1: how national numbers become E.164' }),
      ),
      default: null,
    },
    area_code: { schema: nullable(Type.String({ pattern: '^[0-9]{1,6}$' })), default: null },
    international_prefix: { schema: Type.String({ pattern: '^[0-9]{1,5}$' }), default: '00' },
    context: optionalName({ description: 'dialplan context that switchfleet answers for it' }),
    dial_string: {
      schema: nullable(
        Type.String({
          minLength: 1,
          maxLength: 1000,
          pattern: '^[^\\u0000-\\u001f\\u007f]*$',
          description:
            'instead of our own, for all of its users. FreeSWITCH expands it: for administrators only',
        }),
      ),
      default: null,
      check: (value, { field, author, before }) => {
        if (author.role !== 'admin' && value !== before?.[field]) {
          throw refuse({ field, reason: 'is for administrators: FreeSWITCH expands it' });
        }
        if (/\$\$\{|x-pre-process/i.test(String(value))) {
          throw refuse({
            field,
            reason: 'contains what the preprocessor of FreeSWITCH would read ($${ or x-pre-process)',
          });
        }
        return value;
      },
    },
    cacheable_ms: optionalInteger(
      { min: 1, max: 86_400_000 },
      { description: 'how long FreeSWITCH may keep users' },
    ),
    node: optionalName({ description: 'the one node that serves it', isFilter: true }),
    dispatch_set: optionalInteger(
      { min: 0, max: 2_147_483_647 },
      { description: 'the set of nodes that serves it', isFilter: true },
    ),
    params: pairs('param'),
    variables: pairs('variable'),
    created_at: createdAt(),
  },
  tenant: (parameter) => `t.tenant = ${parameter}`,
  owner: 't.tenant',
  usedBy: `case when exists (select from users u where u.domain = t.name) then 'users'
    when exists (select from did_routing d where d.domain = t.name) then 'DIDs'
    when exists (select from trunk_routing r where r.domain = t.name) then 'trunk routes' end`,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'operator', tenant: 'fleet' },
  search: ['name'],
  isBulk: true,
};
