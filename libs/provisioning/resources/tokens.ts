import { Type } from 'typebox';
import { name, optionalName, word } from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Field, Resource } from '../resource/resource.ts';
import { ROLES } from '../role.ts';
import { hashToken, newTokenText } from '../tokens.ts';

const Instant = Type.String({ format: 'date-time' });
const nullable = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);
const told = (schema: Type.TSchema): Field => ({ schema, kind: 'read-only' });

/** Who may ask the api. */
export const TOKENS: Resource = {
  name: 'tokens',
  title: 'Token',
  tag: 'access',
  words: ['token', 'tokens'],
  table: 'api_tokens',
  key: [{ field: 'name' }],
  fields: {
    name: name({ isRequired: true, isFixed: true, description: 'what it is for' }),
    role: word(ROLES, { isRequired: true, description: 'each may do more than the one before' }),
    tenant: optionalName({
      isFixed: true,
      isFilter: true,
      description: "only this tenant's data; null: the whole fleet's",
    }),
    expires_at: {
      schema: nullable(Type.String({ format: 'date-time', description: 'null: until it is removed' })),
      default: null,
      check: (value, { field }) => {
        const year = new Date(String(value)).getUTCFullYear();
        if (year >= 2000 && year < 3000) return value;
        throw refuse({ field, reason: 'must be a moment of this millennium' });
      },
    },
    created_at: { ...told(Instant), sortType: 'timestamptz' },
    created_by: told(Type.String()),
    revoked_at: told(nullable(Instant)),
    last_used_at: { ...told(nullable(Instant)), isLive: true },
  },
  tenant: (parameter) => `t.tenant = ${parameter}`,
  owner: 't.tenant',
  read: { role: 'admin', tenant: 'own' },
  write: { role: 'admin', tenant: 'fleet' },
  search: ['name'],
  make: (_item, { actor }) => {
    const token = newTokenText();
    return { columns: { token_hash: hashToken(token), created_by: actor }, shown: { token } };
  },
  shown: { token: nullable(Type.String({ description: 'the token itself, shown only now' })) },
};
