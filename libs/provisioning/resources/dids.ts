import { Type } from 'typebox';
import { isWholeNumber } from '../../numbering/e164.ts';
import { DEST_TYPES } from '../../snapshot/tables/did-routing.ts';
import { domain, flag, integer, note, word } from '../resource/fields.ts';
import { refuse } from '../resource/refusal.ts';
import type { Item, Resource } from '../resource/resource.ts';
import { e164, normaliseNumbers, timeZone, windows } from './numbers.ts';
import { ofDomain, ownerOfDomain } from './of-domain.ts';

/** Inbound numbers and where they lead. Rows of one number are its priorities. */
export const DIDS: Resource = {
  name: 'dids',
  title: 'Did',
  tag: 'routing',
  words: ['DID', 'DIDs'],
  table: 'did_routing',
  key: [{ field: 'did' }, { field: 'priority' }],
  fields: {
    did: { ...e164, isRequired: true, isFixed: true, isFilter: true },
    priority: integer(
      { min: -1000, max: 1000 },
      {
        default: 0,
        isFixed: true,
        sortType: 'integer',
        description: 'the highest one of a number counts first',
      },
    ),
    domain: domain({ isRequired: true, description: 'whose number it is: a number is of one domain only' }),
    dest_type: word(DEST_TYPES, { isRequired: true }),
    destination: {
      schema: Type.String({ pattern: '^\\+?[A-Za-z0-9*#][A-Za-z0-9._*#-]{0,63}$' }),
      isRequired: true,
      isFilter: true,
    },
    active: flag(true),
    description: note(),
    time_zone: timeZone,
    windows,
    fail_forward: {
      ...e164,
      schema: Type.Union([e164.schema, Type.Null()]),
      default: null,
    },
  },
  tenant: ofDomain,
  owner: ownerOfDomain,
  read: { role: 'operator', tenant: 'own' },
  write: { role: 'operator', tenant: 'own' },
  search: ['did', 'destination', 'description'],
  isBulk: true,
  make: requireWhole,
  prepare: (client, items) => normaliseNumbers(client, items, ['did', 'fail_forward']),
};

/** One that is there already may be changed and deleted, however short. */
function requireWhole({ did }: Item) {
  if (!isWholeNumber(String(did)))
    throw refuse({ field: 'did', reason: `${did} is too short for a phone number` });
  return { columns: {}, shown: {} };
}
