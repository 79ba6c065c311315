import { Type } from 'typebox';
import type { LegFilter } from '../../../libs/store/search/leg-search.ts';
import { readNumbers } from '../../../libs/store/search/number-term.ts';
import type { Access } from '../access/access.ts';
import { CallQuery, tenantOf } from './call-query.ts';
import { SearchText } from './search-text.ts';

const {
  from,
  to,
  tenant,
  number,
  domain,
  trunk,
  node,
  hangup_cause,
  min_mos,
  max_mos,
  sip_call_id,
  account,
} = CallQuery;
const { min_duration, max_duration, min_billsec, max_billsec } = CallQuery;

/** What legs can be searched by. Everything that is given has to hold. */
export const LegQuery = {
  ...{ from, to, tenant, number, domain, trunk, node, hangup_cause, min_mos, max_mos, sip_call_id, account },
  ...{ min_duration, max_duration, min_billsec, max_billsec },
  uuid: SearchText('of the channel', 256),
  direction: Type.Optional(
    Type.Enum(['inbound', 'outbound'], {
      description: 'as its server sees it: a call to a phone is outbound',
    }),
  ),
  interrupted: Type.Optional(Type.Boolean({ description: 'its server died under it' })),
};

const LegQueryObject = Type.Object(LegQuery);
export type LegQuery = Type.Static<typeof LegQueryObject>;

/** @throws CodedError `number-invalid`; HttpError 403 `other-tenant` */
export function toLegFilter(query: LegQuery, access: Access): LegFilter {
  const { domain, trunk, node, direction, hangup_cause, sip_call_id, uuid, account } = query;
  return {
    ...{ domain, trunk, node, direction, hangup_cause, sip_call_id, uuid, account },
    tenant: tenantOf(access, query.tenant),
    number: query.number === undefined ? undefined : readNumbers(query.number),
    duration: { min: query.min_duration, max: query.max_duration },
    billsec: { min: query.min_billsec, max: query.max_billsec },
    mos: { min: query.min_mos, max: query.max_mos },
    is_interrupted: query.interrupted,
  };
}
