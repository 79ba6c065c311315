import { Type } from 'typebox';
import { integer, name, network } from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Resource } from '../resource/resource.ts';

/** Our Kamailios: correlation headers count only from them and from nodes. */
export const PROXIES: Resource = {
  name: 'proxies',
  title: 'Proxy',
  tag: 'fleet',
  words: ['proxy', 'proxies'],
  table: 'proxies',
  key: [{ field: 'name' }],
  fields: {
    name: name({ isRequired: true, isFixed: true }),
    address: network({ isRequired: true, description: 'the address its SIP comes from, or a network' }),
    sip_port: integer({ min: 1, max: 65_535 }, { default: 5060 }),
    rpc_url: {
      schema: Type.Union([
        Type.String({
          minLength: 8,
          maxLength: 500,
          description: 'where it answers JSON-RPC; may hold a password, so it is never shown',
        }),
        Type.Null(),
      ]),
      kind: 'secret',
      check: (value, { field }) => {
        const url = /^[\x21-\x7e]+$/.test(String(value)) ? URL.parse(String(value)) : null;
        if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url.href;
        throw refuse({ field, reason: 'must begin with http:// or https://' });
      },
    },
    rpc_host: {
      schema: Type.Union([Type.String({ description: 'host and port of rpc_url' }), Type.Null()]),
      kind: 'read-only',
      read: `substring(t.rpc_url from '^https?://(?:[^/@]*@)?([^/?#]+)')`,
    },
  },
  tenant: 'fleet',
  read: { role: 'operator', tenant: 'fleet' },
  write: { role: 'operator', tenant: 'fleet' },
  search: ['name', 'address'],
};
