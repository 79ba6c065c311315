import { Type } from 'typebox';
import {
  flag,
  host,
  inertText,
  integer,
  isSet,
  name,
  networks,
  optionalInteger,
  optionalName,
  sealed,
  word,
} from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Field, Resource } from '../resource/resource.ts';
import { checkText } from '../value.ts';

const LIMIT = { min: 0, max: 1_000_000 };
const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
/** By these we know trunks and calls again: nobody else sets them. */
const OURS = /^x-(switchfleet|call-correlation)/i;

const headers: Field = {
  schema: Type.Record(Type.String(), Type.String({ maxLength: 512 }), {
    maxProperties: 50,
    description: 'SIP headers of calls to it',
  }),
  default: {},
  check: (value, { field }) => {
    for (const [header, text] of Object.entries(value as Record<string, string>)) {
      if (!HEADER.test(header) || OURS.test(header)) {
        throw refuse({ field, reason: `${JSON.stringify(header)} cannot be set as a SIP header` });
      }
      checkText(`${field} ${header}`, text);
    }
    return value;
  },
};

/** Carrier connections. */
export const TRUNKS: Resource = {
  name: 'trunks',
  title: 'Trunk',
  tag: 'routing',
  words: ['trunk', 'trunks'],
  table: 'trunks',
  key: [{ field: 'name' }],
  fields: {
    name: name({ isRequired: true, isFixed: true }),
    tenant: optionalName({ isFilter: true, description: 'null: shared by all tenants' }),
    host: host({ isRequired: true, description: "the carrier's host or address" }),
    port: integer({ min: 1, max: 65_535 }, { default: 5060 }),
    transport: word(['udp', 'tcp', 'tls'], { default: 'udp' }),
    auth_username: inertText(),
    auth_password: sealed('auth_password_encrypted'),
    has_auth_password: isSet('auth_password_encrypted'),
    auth_realm: inertText(),
    registers_on: optionalName({
      isFilter: true,
      description: 'switchname of the node that registers; null: none does',
    }),
    sip_profile: optionalName({ description: 'SIP profile of that node' }),
    max_channels: optionalInteger(LIMIT, { description: 'calls at a time; null: no limit' }),
    max_cps: optionalInteger(LIMIT, { description: 'new calls in a second; null: no limit' }),
    codecs: {
      schema: Type.Union([Type.String({ pattern: '^[A-Za-z0-9@._,-]{1,200}$' }), Type.Null()]),
      default: null,
    },
    headers,
    inbound: networks({ description: 'addresses the carrier calls from, besides host' }),
    is_emergency: flag(false, { description: 'takes emergency calls' }),
    enabled: flag(true),
  },
  tenant: (parameter) => `t.tenant = ${parameter}`,
  owner: 't.tenant',
  usedBy: `case when exists (select from trunk_routing r where r.trunk = t.name) then 'trunk routes' end`,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'operator', tenant: 'fleet' },
  search: ['name', 'host'],
  isBulk: true,
};
