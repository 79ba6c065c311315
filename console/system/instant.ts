/** An RFC 3339 instant as microseconds. */
export const at = (instant: string): number => Date.parse(instant) * 1_000;
