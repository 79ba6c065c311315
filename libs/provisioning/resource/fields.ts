import { Type } from 'typebox';
import { isReservedParam, isReservedVariable, maySetPair, type PairKind } from '../reserved-params.ts';
import { checkDisplayName, checkDomain, checkHost, checkName, checkNetwork, checkText } from '../value.ts';
import { checkVoicemailSetting } from '../voicemail-settings.ts';
import { networkOf } from './network.ts';
import { refuse } from './refusal.ts';
import type { Field, FieldContext, Item, Json } from './resource.ts';

/** Fields that several resources have. Each gives a schema for programs and a rule in the field's own terms. */

const NO_CONTROL = '^[^\\u0000-\\u001f\\u007f]*$';

type More = Partial<Field> & { description?: string };

const nullable = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);

const withDescription = (description: string | undefined) =>
  description === undefined ? {} : { description };

/** Text that is checked by a function of `value.ts`. */
function checked(check: (field: string, value: string) => string): NonNullable<Field['check']> {
  return (value, { field }) => check(field, String(value));
}

/** A name: letters, digits and `. _ -`. */
export function name({ description, ...more }: More = {}): Field {
  return {
    schema: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$', ...withDescription(description) }),
    check: checked(checkName),
    sortType: 'text',
    ...more,
  };
}

export function optionalName({ description, ...more }: More = {}): Field {
  const { schema, check } = name(description === undefined ? {} : { description });
  return { schema: nullable(schema), ...(check && { check }), default: null, ...more };
}

/** A SIP domain, kept in lower case. */
export function domain({ description = 'SIP domain', ...more }: More = {}): Field {
  return {
    schema: Type.String({ minLength: 1, maxLength: 253, pattern: NO_CONTROL, description }),
    check: (value) => checkDomain(String(value)),
    sortType: 'text',
    isFilter: true,
    ...more,
  };
}

/** Free text that gets to FreeSWITCH. */
export function inertText({ description, ...more }: More = {}): Field {
  return {
    schema: nullable(Type.String({ maxLength: 512, pattern: NO_CONTROL, ...withDescription(description) })),
    check: checked(checkText),
    default: null,
    ...more,
  };
}

/** A person's name. */
export function displayName({ description, ...more }: More = {}): Field {
  return {
    ...inertText(description === undefined ? {} : { description }),
    check: checked(checkDisplayName),
    ...more,
  };
}

/** A note for people: it gets nowhere. */
export function note({ ...more }: More = {}): Field {
  return {
    schema: Type.String({ maxLength: 500, pattern: NO_CONTROL, description: 'a note for people' }),
    default: '',
    ...more,
  };
}

/** A number as a caller id shows it. */
export function callerNumber({ description, ...more }: More = {}): Field {
  return {
    schema: nullable(Type.String({ pattern: '^\\+?[0-9*#]{1,32}$', ...withDescription(description) })),
    default: null,
    ...more,
  };
}

export function flag(value: boolean, { description, ...more }: More = {}): Field {
  return { schema: Type.Boolean(withDescription(description)), default: value, isFilter: true, ...more };
}

/** A whole number within bounds. */
export function integer(
  { min, max }: { min: number; max: number },
  { description, ...more }: More = {},
): Field {
  return { schema: Type.Integer({ minimum: min, maximum: max, ...withDescription(description) }), ...more };
}

export function optionalInteger(bounds: { min: number; max: number }, more: More = {}): Field {
  const field = integer(bounds, more);
  return { ...field, schema: nullable(field.schema), default: null };
}

/** A host name or address. */
export function host({ description, ...more }: More = {}): Field {
  return {
    schema: Type.String({
      minLength: 1,
      maxLength: 253,
      pattern: NO_CONTROL,
      ...withDescription(description),
    }),
    check: checked(checkHost),
    ...more,
  };
}

/** One address or network; bits of the host part are cut off. */
export function network({ description, ...more }: More = {}): Field {
  return {
    schema: Type.String({
      minLength: 2,
      maxLength: 49,
      pattern: NO_CONTROL,
      ...withDescription(description),
    }),
    check: (value, { field }) => networkOf(checkNetwork(field, String(value))),
    sortType: 'text',
    ...more,
  };
}

export function networks({ description, ...more }: More = {}): Field {
  return {
    schema: Type.Array(Type.String({ minLength: 2, maxLength: 49, pattern: NO_CONTROL }), {
      maxItems: 100,
      ...withDescription(description),
    }),
    check: (value, { field }) => (value as string[]).map((each) => networkOf(checkNetwork(field, each))),
    default: [],
    ...more,
  };
}

/** One of a few words. */
export function word<T extends string>(words: readonly T[], { description, ...more }: More = {}): Field {
  return {
    schema: Type.Enum([...words], withDescription(description)),
    isFilter: true,
    ...more,
  };
}

/** Text that is stored encrypted in `column`, and never shown. */
export function sealed(column: string, { description, ...more }: More = {}): Field {
  return {
    schema: nullable(
      Type.String({ minLength: 1, maxLength: 256, pattern: NO_CONTROL, ...withDescription(description) }),
    ),
    kind: 'secret',
    columns: (value, { author }) => ({ [column]: value === null ? null : author.box().seal(String(value)) }),
    ...more,
  };
}

/** Whether a secret is set. */
export function isSet(column: string): Field {
  return { schema: Type.Boolean(), kind: 'read-only', read: `t.${column} is not null` };
}

/** When it was made. */
export function createdAt(): Field {
  return {
    schema: Type.String({ format: 'date-time' }),
    kind: 'read-only',
    sortType: 'timestamptz',
  };
}

/** Free params, variables or voicemail settings. A tenant's own people may touch only what is on their list. */
export function pairs(kind: PairKind, { description, ...more }: More = {}): Field {
  return {
    schema: Type.Record(Type.String(), Type.String({ maxLength: 512 }), {
      maxProperties: 100,
      ...withDescription(description),
    }),
    default: {},
    check: (value, context) => checkPairs(kind, value as Item, context),
    ...more,
  };
}

const PAIR_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

function checkPairs(kind: PairKind, value: Item, { field, author, before }: FieldContext): Json {
  const role = author.tenant === undefined ? 'administrator' : 'tenant';
  const stored = (before?.[field] ?? {}) as Item;
  const touched = [...new Set([...Object.keys(value), ...Object.keys(stored)])].filter(
    (key) => value[key] !== stored[key],
  );
  const wrong = touched.filter((key) => !PAIR_NAME.test(key) || !maySetPair(kind, key, role));
  if (wrong.length > 0) {
    const isOurs = wrong.some((key) => (kind === 'param' ? isReservedParam(key) : isReservedVariable(key)));
    const why = isOurs
      ? 'switchfleet sets it itself, or it would make FreeSWITCH run something'
      : 'not allowed here';
    throw refuse({
      field,
      reason: `${wrong.map((key) => JSON.stringify(key)).join(', ')} may not be set: ${why}`,
    });
  }
  for (const [key, text] of Object.entries(value)) checkText(`${field} ${key}`, String(text));
  if (kind === 'voicemail') {
    for (const key of touched) if (key in value) checkVoicemailSetting(field, key, String(value[key]));
  }
  return value;
}
