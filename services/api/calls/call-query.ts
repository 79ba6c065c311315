import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import { Call } from '../../../libs/records/call.ts';
import type { CallFilter } from '../../../libs/store/search/call-filter.ts';
import type { SearchSpan } from '../../../libs/store/search/call-search.ts';
import { readNumbers } from '../../../libs/store/search/number-term.ts';
import { QUALITY_TAGS } from '../../../libs/store/search/quality.ts';
import type { Access } from '../access/access.ts';
import { Amount, Moment, readMoment, SearchText } from './search-text.ts';

const Numbers = (whose: string) =>
  SearchText(
    `${whose}: +4930123 exactly, 4930* by its beginning, *0123 by its end; several with commas`,
    512,
  );

const { answered_by, direction, disposition, hangup_by } = Call.properties;
const [AnsweredBy] = answered_by.anyOf;
const [Direction] = direction.anyOf;
const [Disposition] = disposition.anyOf;
const [HangupBy] = hangup_by.anyOf;

/** What calls can be searched by. Everything that is given has to hold. */
export const CallQuery = {
  from: Moment('calls that began then or later'),
  to: Moment('calls that began before'),
  tenant: SearchText("of this tenant; a tenant's token sees no other"),
  number: Numbers('caller, callee or DID'),
  caller: Numbers('caller'),
  callee: Numbers('callee, the number that the first server was asked for'),
  did: Numbers('DID'),
  domain: SearchText('SIP domain', 253),
  trunk: SearchText('carrier connection that it came or went by'),
  node: SearchText('switchname of a server it was on'),
  state: Type.Optional(Call.properties.state),
  direction: Type.Optional(Direction),
  disposition: Type.Optional(Type.Array(Disposition, { minItems: 1, maxItems: 6 })),
  answered_by: Type.Optional(AnsweredBy),
  hangup_cause: Type.Optional(
    Type.Array(Type.String({ pattern: '^[A-Z0-9_]{1,64}$' }), { minItems: 1, maxItems: 20 }),
  ),
  hangup_by: Type.Optional(HangupBy),
  min_duration: Amount('seconds from start to end, at least'),
  max_duration: Amount('seconds from start to end, at most'),
  min_billsec: Amount('seconds of talk, at least'),
  max_billsec: Amount('seconds of talk, at most'),
  min_mos: Amount('mean opinion score, at least'),
  max_mos: Amount('mean opinion score, at most'),
  min_pdd_ms: Amount('post-dial delay, at least'),
  quality: Type.Optional(
    Type.Array(Type.Enum(QUALITY_TAGS), {
      minItems: 1,
      maxItems: QUALITY_TAGS.length,
      description: 'what it suffered from, all of these',
    }),
  ),
  sip_call_id: SearchText('Call-ID of the SIP dialog of a leg', 256),
  leg: SearchText('uuid of a leg', 256),
  account: SearchText('accountcode of a leg'),
  recording: Type.Optional(Type.Boolean({ description: 'with a recording, or without' })),
};

const CallQueryObject = Type.Object(CallQuery);
export type CallQuery = Type.Static<typeof CallQueryObject>;

/** Whose data a query may reach: the token's tenant, whatever was asked for. @throws HttpError 403 `other-tenant` */
export function tenantOf({ tenant: own }: Access, asked: string | undefined): string | undefined {
  if (own === undefined) return asked;
  if (asked === undefined || asked === own) return own;
  throw new HttpError(403, 'other-tenant', "this token is a tenant's own: it reaches no other");
}

/** @throws CodedError `number-invalid`; HttpError 403 `other-tenant` */
export function toCallFilter(query: CallQuery, access: Access): CallFilter {
  const numbers = (text: string | undefined) => (text === undefined ? undefined : readNumbers(text));
  const { domain, trunk, node, state, direction, disposition, answered_by, hangup_cause, hangup_by } = query;
  return {
    ...{ domain, trunk, node, state, direction, disposition, answered_by, hangup_cause, hangup_by },
    tenant: tenantOf(access, query.tenant),
    number: numbers(query.number),
    caller: numbers(query.caller),
    callee: numbers(query.callee),
    did: numbers(query.did),
    duration: { min: query.min_duration, max: query.max_duration },
    billsec: { min: query.min_billsec, max: query.max_billsec },
    mos: { min: query.min_mos, max: query.max_mos },
    pdd_ms: { min: query.min_pdd_ms },
    quality: query.quality,
    sip_call_id: query.sip_call_id,
    leg: query.leg,
    account: query.account,
    has_recording: query.recording,
  };
}

/** @throws HttpError 400 `time-invalid`, `span-invalid` */
export function toSpan({ from, to }: { from?: string | undefined; to?: string | undefined }): SearchSpan {
  const span = { fromUs: readMoment(from), toUs: readMoment(to) };
  if (span.fromUs !== undefined && span.toUs !== undefined && span.fromUs >= span.toUs) {
    throw new HttpError(400, 'span-invalid', '`from` has to be before `to`');
  }
  return span;
}
