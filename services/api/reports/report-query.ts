import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import { type Dimension, MOST_DIGITS } from '../../../libs/reports/dimension.ts';
import { readTimeZone } from '../../../libs/reports/time-zone.ts';
import type { Access } from '../access/access.ts';
import { tenantOf } from '../calls/call-query.ts';
import { readMoment, SearchText } from '../calls/search-text.ts';

const Day = (description: string) =>
  Type.String({ format: 'date-time', description: `${description}; RFC 3339` });

/** The span of every report. */
export const SpanQuery = {
  from: Day('calls that began then or later; its hour counts whole'),
  to: Day('calls that began before; its hour counts whole'),
  tz: Type.String({
    default: 'UTC',
    maxLength: 64,
    description: 'time zone of days and months, like Europe/Berlin',
  }),
};

/** What every report can be limited to. */
export const OnlyQuery = {
  tenant: SearchText("of this tenant; a tenant's token sees no other"),
  domain: SearchText('SIP domain', 253),
  direction: Type.Optional(Type.Enum(['inbound', 'outbound', 'internal'])),
  trunk: SearchText('carrier connection'),
  node: SearchText('first server of the call'),
  did: SearchText('DID'),
};

export const Digits = Type.Integer({
  minimum: 1,
  maximum: MOST_DIGITS,
  default: 4,
  description: 'digits of a prefix, without +',
});

export const Comparison = Type.Boolean({
  default: false,
  description: 'the period before beside it: the months before, or as much time',
});

const SpanObject = Type.Object(SpanQuery);
const OnlyObject = Type.Object(OnlyQuery);
export type SpanQuery = Type.Static<typeof SpanObject>;
export type OnlyQuery = Type.Static<typeof OnlyObject>;

/** @throws HttpError 400 `time-invalid`; CodedError `time-zone-invalid` */
export function readSpan({ from, to, tz }: SpanQuery): { fromUs: number; toUs: number; timeZone: string } {
  const [fromUs, toUs] = [readMoment(from), readMoment(to)];
  if (fromUs === undefined || toUs === undefined)
    throw new HttpError(400, 'time-invalid', 'a span has two ends');
  return { fromUs, toUs, timeZone: readTimeZone(tz) };
}

/** What is asked for, and the tenant of the token whatever was asked for. @throws HttpError 403 `other-tenant` */
export function readOnlyThese(query: OnlyQuery, access: Access): Partial<Record<Dimension, string>> {
  const { domain, direction, trunk, node, did } = query;
  const asked = { tenant: tenantOf(access, query.tenant), domain, direction, trunk, node, did };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}
