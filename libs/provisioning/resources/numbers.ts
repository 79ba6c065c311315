import type { ClientBase } from 'pg';
import { Type } from 'typebox';
import { toE164 } from '../../numbering/e164.ts';
import { findTimeZone } from '../../reports/time-zone.ts';
import { WEEKDAYS } from '../../routing/schedule.ts';
import { readNumberingPlans } from '../domains.sql.ts';
import { refuse } from '../resource/refusal.ts';
import type { Field, Item, PreparedItem } from '../resource/resource.ts';

/** Fields of what routes by number and time. */

const NUMBER = Type.String({ minLength: 1, maxLength: 40, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });

/** A number in E.164. */
export const e164: Field = {
  schema: Type.String({ ...NUMBER, description: 'E.164 (+442071838750); also as its domain dials it' }),
  check: (value, { field }) => {
    const number = toE164(String(value));
    if (number !== undefined) return number;
    throw refuse({
      field,
      reason: `${JSON.stringify(value)} is no phone number: E.164 looks like +442071838750`,
    });
  },
  sortType: 'text',
};

const DAY_TIME = '^([01][0-9]|2[0-3]):[0-5][0-9]$';

const TimeWindow = Type.Object(
  {
    days: Type.Optional(Type.Array(Type.Enum([...WEEKDAYS]), { maxItems: 7 })),
    from: Type.Optional(Type.String({ pattern: DAY_TIME })),
    to: Type.Optional(
      Type.String({ pattern: `${DAY_TIME}|^24:00$`, description: 'excluded; before `from`: over midnight' }),
    ),
    dates: Type.Optional(
      Type.Object(
        { from: Type.String({ format: 'date' }), to: Type.String({ format: 'date' }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false, title: 'TimeWindow', description: 'what is left out means always' },
);

export const windows: Field = {
  schema: Type.Array(TimeWindow, {
    maxItems: 50,
    description: 'when it counts, in `time_zone`; empty: always',
  }),
  default: [],
};

export const timeZone: Field = {
  schema: Type.Union([
    Type.String({ maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$', description: 'IANA name; UTC by default' }),
    Type.Null(),
  ]),
  default: null,
  check: (value, { field }) => {
    if (findTimeZone(String(value)) !== undefined) return value;
    throw refuse({
      field,
      reason: `${JSON.stringify(value)} is no time zone: use a name such as Europe/Rome`,
    });
  },
};

/** Items with the numbers in `fields` in E.164, as the numbering plan of each item's domain reads them. */
export async function normaliseNumbers(
  client: ClientBase,
  items: readonly Item[],
  fields: readonly string[],
): Promise<PreparedItem[]> {
  const domains = items.map(({ domain }) => String(domain ?? '').toLowerCase());
  const plans = await readNumberingPlans(client, [...new Set(domains)]);
  return items.map((item, index) => {
    const plan = plans.get(domains[index] ?? '');
    const normal = fields.flatMap((field) => {
      const number = typeof item[field] === 'string' ? toE164(item[field], plan) : undefined;
      return number === undefined ? [] : [[field, number] as const];
    });
    return { ...item, ...Object.fromEntries(normal) };
  });
}
