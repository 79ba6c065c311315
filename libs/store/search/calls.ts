import type { calls, legs } from './tables.ts';

export type StoredCall = typeof calls.$inferSelect;
export type StoredLeg = typeof legs.$inferSelect;
