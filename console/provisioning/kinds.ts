import type { Role } from '../api/shapes.ts';
import {
  type Kind,
  keyField as key,
  neededField as needed,
  optionalField as optional,
} from '../edit/kind.ts';

/** What people configure: what a list shows of it, and who may change it. */
export interface ProvisionedKind extends Kind {
  shown: readonly string[];
  /** what routes calls is changed where its effect can be seen first: `fields` is empty then */
  isChangedInRouting?: boolean;
  role: Role;
  /** whether tenants change their own */
  part: 'own' | 'fleet';
}

const OPERATOR = { role: 'operator', part: 'own' } as const;

/** In the order in which a customer comes. */
export const KINDS: readonly ProvisionedKind[] = [
  {
    path: 'tenants',
    one: 'tenant',
    many: 'tenants',
    key: ['name'],
    shown: ['name', 'description', 'time_zone'],
    fields: [key('name'), needed('description'), optional('time_zone')],
    role: 'admin',
    part: 'fleet',
  },
  {
    path: 'domains',
    one: 'domain',
    many: 'domains',
    key: ['name'],
    shown: ['name', 'tenant', 'enabled', 'country', 'context', 'node', 'dispatch_set'],
    fields: [
      key('name'),
      needed('tenant'),
      optional('country'),
      optional('area_code'),
      needed('international_prefix', 'text', '00'),
      optional('context'),
      optional('node'),
      optional('dispatch_set', 'number'),
      needed('enabled', 'flag'),
    ],
    role: 'operator',
    part: 'fleet',
  },
  {
    path: 'users',
    one: 'user',
    many: 'users',
    key: ['domain', 'user_id'],
    shown: [
      'user_id',
      'domain',
      'enabled',
      'caller_id_name',
      'caller_id_number',
      'outbound_caller_id_number',
    ],
    fields: [
      key('domain'),
      key('user_id'),
      needed('password', 'secret'),
      optional('number_alias'),
      optional('caller_id_name'),
      optional('caller_id_number'),
      optional('outbound_caller_id_name'),
      optional('outbound_caller_id_number'),
      { ...optional('toll_allow'), isFleetOnly: true },
      { ...optional('accountcode'), isFleetOnly: true },
      optional('vm_mailto'),
      needed('vm_enabled', 'flag'),
      needed('enabled', 'flag'),
    ],
    ...OPERATOR,
  },
  {
    path: 'groups',
    one: 'group',
    many: 'groups',
    key: ['domain', 'name'],
    shown: ['name', 'domain', 'members'],
    fields: [key('domain'), key('name'), needed('members', 'words')],
    ...OPERATOR,
  },
  {
    path: 'dids',
    one: 'DID',
    many: 'DIDs',
    key: ['did', 'priority'],
    shown: ['did', 'priority', 'domain', 'dest_type', 'destination', 'active', 'description'],
    fields: [],
    isChangedInRouting: true,
    ...OPERATOR,
  },
  {
    path: 'trunks',
    one: 'trunk',
    many: 'trunks',
    key: ['name'],
    shown: ['name', 'tenant', 'host', 'port', 'transport', 'max_channels', 'max_cps', 'enabled'],
    fields: [],
    isChangedInRouting: true,
    // tenants only see theirs
    role: 'operator',
    part: 'fleet',
  },
  {
    path: 'trunk-routes',
    one: 'trunk route',
    many: 'trunk routes',
    key: ['id'],
    shown: ['prefix', 'domain', 'trunk', 'priority', 'weight', 'cost_per_minute', 'active'],
    fields: [],
    isChangedInRouting: true,
    ...OPERATOR,
  },
];
