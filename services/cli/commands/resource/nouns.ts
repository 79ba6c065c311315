import type { Resource } from '../../../../libs/provisioning/resource/resource.ts';
import { DIDS } from '../../../../libs/provisioning/resources/dids.ts';
import { DISPATCH_SETS } from '../../../../libs/provisioning/resources/dispatch-sets.ts';
import { DOMAINS } from '../../../../libs/provisioning/resources/domains.ts';
import { GROUPS } from '../../../../libs/provisioning/resources/groups.ts';
import { NODES } from '../../../../libs/provisioning/resources/nodes.ts';
import { PROXIES } from '../../../../libs/provisioning/resources/proxies.ts';
import { CALLER_REGIONS, REGION_FALLBACKS } from '../../../../libs/provisioning/resources/regions.ts';
import { TENANTS } from '../../../../libs/provisioning/resources/tenants.ts';
import { TRUNK_ROUTES } from '../../../../libs/provisioning/resources/trunk-routes.ts';
import { TRUNKS } from '../../../../libs/provisioning/resources/trunks.ts';
import { USERS } from '../../../../libs/provisioning/resources/users.ts';

export type Verb = 'list' | 'show' | 'add' | 'set' | 'remove' | 'import' | 'export';

/** A noun of the command line: what it is, what can be done with it by the rules that the api has, and its table. */
export interface Noun {
  name: string;
  description: string;
  resource: Resource;
  /** those that no command of its own does */
  verbs: readonly Verb[];
  columns: readonly string[];
}

const ALL = ['list', 'show', 'add', 'set', 'remove'] as const;
const FILES = ['import', 'export'] as const;

export const NOUNS: readonly Noun[] = [
  {
    name: 'tenant',
    description: 'tenants: whose domains, trunks and calls are whose',
    resource: TENANTS,
    verbs: [...ALL, ...FILES],
    columns: ['name', 'description', 'created_at'],
  },
  {
    name: 'domain',
    description: 'domains: the SIP domains of tenants',
    resource: DOMAINS,
    verbs: ['list', 'show', 'add', 'remove', ...FILES],
    columns: ['name', 'tenant', 'enabled', 'country', 'context', 'node', 'dispatch_set'],
  },
  {
    name: 'user',
    description: 'users: who may register and be called',
    resource: USERS,
    verbs: ['list', 'show', 'remove', ...FILES],
    columns: ['domain', 'user_id', 'number_alias', 'caller_id_name', 'caller_id_number', 'enabled'],
  },
  {
    name: 'group',
    description: 'groups: users that ring together',
    resource: GROUPS,
    verbs: ['list', 'show', ...FILES],
    columns: ['domain', 'name', 'members'],
  },
  {
    name: 'did',
    description: 'DIDs: inbound numbers and where they lead',
    resource: DIDS,
    verbs: ['list', 'show', 'set', 'remove', ...FILES],
    columns: ['did', 'priority', 'domain', 'dest_type', 'destination', 'active', 'description'],
  },
  {
    name: 'trunk',
    description: 'trunks: connections to carriers',
    resource: TRUNKS,
    verbs: [...ALL, ...FILES],
    columns: [
      'name',
      'tenant',
      'host',
      'port',
      'transport',
      'registers_on',
      'max_channels',
      'max_cps',
      'enabled',
    ],
  },
  {
    name: 'trunk-route',
    description: 'trunk routes: which trunks take a dialled number',
    resource: TRUNK_ROUTES,
    verbs: [...ALL, ...FILES],
    columns: [
      'id',
      'prefix',
      'domain',
      'caller_prefix',
      'trunk',
      'priority',
      'weight',
      'strip',
      'prepend',
      'active',
    ],
  },
  {
    name: 'node',
    description: 'nodes: FreeSWITCH servers',
    resource: NODES,
    verbs: ['show', 'set'],
    columns: [],
  },
  {
    name: 'proxy',
    description: 'proxies: our Kamailios',
    resource: PROXIES,
    verbs: ['list', 'show', 'set', 'remove'],
    columns: ['name', 'address', 'sip_port', 'rpc_host'],
  },
  {
    name: 'set',
    description: 'dispatch sets: nodes that may take a call',
    resource: DISPATCH_SETS,
    verbs: ALL,
    columns: ['set_id', 'name', 'description', 'members', 'dest_types'],
  },
  {
    name: 'region',
    description: 'caller regions: where callers are, by their address',
    resource: CALLER_REGIONS,
    verbs: ALL,
    columns: ['caller', 'region'],
  },
  {
    name: 'region-fallback',
    description: 'regions that help out when one has no node left',
    resource: REGION_FALLBACKS,
    verbs: ALL,
    columns: ['region', 'fallback', 'position'],
  },
];
