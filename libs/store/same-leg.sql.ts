import { SAME_LEG_US } from '../calls/history.ts';

/** SQL for how far apart two rows of one leg may say that it began. */
export const TOLERANCE = `interval '${SAME_LEG_US} microseconds'`;
