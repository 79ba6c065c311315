import { Type } from 'typebox';

/**
 * Channel variables or event headers by their FreeSWITCH name, decoded. A variable that FreeSWITCH
 * repeats (`ARRAY::a|:b` in events, repeated elements in CDRs) is a list, in order.
 */
export const Variables = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
export type Variables = Type.Static<typeof Variables>;

/** 9999-12-31 23:59:59: RFC 3339 has no later second, though PostgreSQL and a Date have. */
export const LAST_US = 253_402_300_799_000_000;

/** Microseconds since 1970-01-01 UTC, up to the last that PostgreSQL, a Date and RFC 3339 can all say. */
export const Microseconds = Type.Integer({
  minimum: 0,
  maximum: LAST_US,
  description: 'microseconds since 1970-01-01 UTC',
});

/** A value that may be absent: always present as a key, `null` when FreeSWITCH did not say. */
export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
