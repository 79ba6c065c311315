import { randomBytes } from 'node:crypto';
import { Type } from 'typebox';
import { NodeState } from '../../records/node-event.ts';
import { NodeLoad } from '../../records/node-load.ts';
import { Microseconds } from '../../records/variables.ts';
import { deleteDiscovery } from '../nodes.sql.ts';
import {
  createdAt,
  host,
  integer,
  name,
  optionalInteger,
  optionalName,
  sealed,
  word,
} from '../resource/fields.ts';
import type { Field, Resource } from '../resource/resource.ts';
import { hashToken } from '../tokens.ts';

const nullable = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);
const { v: _v, node: _node, ...loadFields } = NodeLoad.properties;

/** What collectors said of the node last. */
const live = (schema: Type.TSchema, sql: string): Field => ({
  schema: nullable(schema),
  kind: 'read-only',
  isLive: true,
  read: `(select ${sql} from node_status s where s.node = t.switchname)`,
});

/** FreeSWITCH servers. */
export const NODES: Resource = {
  name: 'nodes',
  title: 'Node',
  tag: 'fleet',
  words: ['node', 'nodes'],
  table: 'nodes',
  key: [{ field: 'switchname' }],
  fields: {
    switchname: name({
      isRequired: true,
      isFixed: true,
      description: 'the host name, unless switch.conf.xml has another',
    }),
    esl_host: host({ isRequired: true, description: 'where its event socket listens' }),
    esl_port: integer({ min: 1, max: 65_535 }, { default: 8021 }),
    esl_password: {
      ...sealed('esl_password_encrypted'),
      schema: Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }),
      isRequired: true,
    },
    sip_uri: {
      schema: nullable(
        Type.String({
          pattern: '^sips?:[A-Za-z0-9.:\\[\\]-]+(;transport=(udp|tcp|tls))?$',
          maxLength: 300,
          description: 'where its calls go: sip:192.0.2.10:5060',
        }),
      ),
      default: null,
    },
    sip_profile: name({ default: 'internal' }),
    region: optionalName({ isFilter: true }),
    max_sessions: optionalInteger({ min: 0, max: 1_000_000 }, { description: 'most calls it may get' }),
    configured_state: {
      ...word(['active', 'draining', 'disabled'], {
        description: 'as somebody ordered: see drain, undrain and disable',
      }),
      kind: 'read-only',
      read: 't.state',
    },
    created_at: createdAt(),
    state: live(NodeState, 's.state'),
    reason: live(Type.String({ description: 'why it is in that state' }), 's.reason'),
    state_us: live(Microseconds, '(extract(epoch from s.state_at) * 1000000)::bigint'),
    core_uuid: live(Type.String(), 's.core_uuid'),
    clock_offset_us: live(Type.Integer({ description: 'its clock minus ours' }), 's.clock_offset_us'),
    registrations: {
      schema: Type.Integer({ description: 'contacts that are registered there now' }),
      kind: 'read-only',
      isLive: true,
      read: `(select count(*)::integer from registrations r
        where r.node = t.switchname and not r.is_ended)`,
    },
    load: live(Type.Object(loadFields), `s.load - 'v' - 'node'`),
  },
  tenant: 'fleet',
  // the table would forget both without a word: calls would go elsewhere, and a carrier refuse whom it does not know
  usedBy: `case when exists (select from domains d where d.node = t.switchname) then 'domains that it alone serves'
    when exists (select from trunks r where r.registers_on = t.switchname) then 'trunks that register there' end`,
  read: { role: 'analyst', tenant: 'fleet' },
  write: { role: 'operator', tenant: 'fleet' },
  search: ['switchname', 'esl_host', 'region'],
  make: ({ switchname = null }) => {
    const password = randomBytes(18).toString('base64url');
    return {
      columns: { http_password_hash: hashToken(password) },
      shown: { http_username: switchname, http_password: password },
    };
  },
  shown: {
    http_username: Type.Union([Type.String(), Type.Null()]),
    http_password: Type.Union([
      Type.String({ description: "password of the node's own HTTP credential, shown only now" }),
      Type.Null(),
    ]),
  },
  confirm: (client, item) => deleteDiscovery(client, String(item['switchname'])),
};
