import { Type } from 'typebox';
import { digestsOf } from '../digest.ts';
import {
  callerNumber,
  createdAt,
  displayName,
  domain,
  flag,
  inertText,
  isSet,
  networks,
  optionalInteger,
  optionalName,
  pairs,
  sealed,
} from '../resource/fields.ts';
import type { Field, FieldContext, Resource } from '../resource/resource.ts';
import { checkUserId } from '../value.ts';
import { voicemailHash } from '../voicemail.ts';
import { ofDomain, ownerOfDomain } from './of-domain.ts';

const nullable = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);
const USER_ID = '^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$';
const SECRET_TEXT = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$';

/** What hashes are made with: the name as it is stored, whatever case the request has. */
function addressOf({ before, after }: FieldContext): { user: string; domain: string } {
  const stored = before ?? after;
  return { user: String(stored['user_id']), domain: String(stored['domain']) };
}

const password: Field = {
  schema: Type.String({
    minLength: 4,
    maxLength: 256,
    pattern: SECRET_TEXT,
    description: 'SIP password; only hashes of it are stored',
  }),
  kind: 'secret',
  isRequired: true,
  columns: (value, context) => ({ ...digestsOf({ ...addressOf(context), password: String(value) }) }),
};

const voicemailPassword: Field = {
  schema: nullable(Type.String({ pattern: '^[0-9]{4,20}$', description: 'digits; only a hash is stored' })),
  kind: 'secret',
  columns: (value, context) => ({
    vm_a1_hash: value === null ? null : voicemailHash({ ...addressOf(context), password: String(value) }),
  }),
};

const eslWords = (pattern: string): Field => ({
  schema: Type.String({ pattern, description: 'for userauth on the event socket' }),
  default: 'none',
  isFleetOnly: true,
});

/** Directory entries: who may register and be called. */
export const USERS: Resource = {
  name: 'users',
  title: 'User',
  tag: 'users',
  words: ['user', 'users'],
  table: 'users',
  key: [{ field: 'domain' }, { field: 'user_id', isCaseless: true }],
  fields: {
    domain: domain({ isRequired: true, isFixed: true }),
    user_id: {
      schema: Type.String({ pattern: USER_ID }),
      check: (value) => checkUserId(String(value)),
      isRequired: true,
      isFixed: true,
      sortType: 'text',
    },
    number_alias: {
      schema: nullable(Type.String({ pattern: USER_ID, description: 'a second number' })),
      default: null,
    },
    enabled: flag(true, { description: 'is not found otherwise' }),
    password,
    caller_id_name: displayName(),
    caller_id_number: callerNumber(),
    outbound_caller_id_name: displayName(),
    outbound_caller_id_number: callerNumber(),
    accountcode: optionalName({ isFleetOnly: true, isFilter: true, description: 'in CDRs' }),
    context: optionalName({ isFleetOnly: true, description: 'dialplan context of its calls' }),
    toll_allow: {
      schema: nullable(Type.String({ pattern: '^[a-z0-9_-]+(,[a-z0-9_-]+)*$', maxLength: 512 })),
      default: null,
      isFleetOnly: true,
    },
    max_registrations: optionalInteger({ min: 1, max: 1000 }, { description: 'phones at a time' }),
    allowed_cidrs: networks({
      isFleetOnly: true,
      description: 'addresses that let the user in without a password',
    }),
    vm_enabled: flag(true, { description: 'has a mailbox' }),
    voicemail_password: voicemailPassword,
    has_voicemail_password: isSet('vm_a1_hash'),
    vm_may_change_password: flag(true, { isFilter: false }),
    vm_mailto: {
      schema: nullable(
        Type.String({
          maxLength: 512,
          pattern:
            '^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*(,[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*)*$',
          description: 'where voicemail is mailed',
        }),
      ),
      default: null,
    },
    vm_settings: pairs('voicemail'),
    reverse_auth_user: inertText({ isFleetOnly: true }),
    reverse_auth_password: sealed('reverse_auth_password_encrypted', { isFleetOnly: true }),
    esl_password: sealed('esl_password_encrypted', { isFleetOnly: true }),
    esl_allowed_log: flag(false, { isFleetOnly: true, isFilter: false }),
    esl_allowed_events: eslWords('^[A-Z_a-z ]{1,200}$'),
    esl_allowed_api: eslWords('^[a-z_ ]{1,200}$'),
    params: pairs('param'),
    variables: pairs('variable'),
    created_at: createdAt(),
  },
  tenant: ofDomain,
  owner: ownerOfDomain,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'operator', tenant: 'own' },
  search: ['user_id', 'number_alias', 'caller_id_name', 'caller_id_number'],
  isBulk: true,
};
