import { Type } from 'typebox';

/**
 * Channel variables or event headers by their FreeSWITCH name, decoded. A variable that FreeSWITCH
 * repeats (`ARRAY::a|:b` in events, repeated elements in CDRs) is a list, in order.
 */
export const Variables = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
export type Variables = Type.Static<typeof Variables>;

/** Microseconds since 1970-01-01 UTC. */
export const Microseconds = Type.Integer({ minimum: 0, description: 'microseconds since 1970-01-01 UTC' });

/** A value that may be absent: always present as a key, `null` when FreeSWITCH did not say. */
export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
