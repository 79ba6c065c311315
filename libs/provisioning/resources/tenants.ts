import { createdAt, name, note } from '../resource/fields.ts';
import type { Resource } from '../resource/resource.ts';
import { timeZone } from './numbers.ts';

/** Whose domains, trunks and calls are whose. */
export const TENANTS: Resource = {
  name: 'tenants',
  title: 'Tenant',
  tag: 'users',
  words: ['tenant', 'tenants'],
  table: 'tenants',
  key: [{ field: 'name' }],
  fields: {
    name: name({ isRequired: true, isFixed: true }),
    description: note(),
    time_zone: timeZone,
    created_at: createdAt(),
  },
  tenant: (parameter) => `t.name = ${parameter}`,
  owner: 't.name',
  usedBy: `case when exists (select from domains d where d.tenant = t.name) then 'domains'
    when exists (select from trunks d where d.tenant = t.name) then 'trunks'
    when exists (select from api_tokens d where d.tenant = t.name) then 'tokens' end`,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'admin', tenant: 'fleet' },
  search: ['name', 'description'],
  isBulk: true,
};
