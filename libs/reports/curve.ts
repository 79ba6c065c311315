import { CodedError } from '../errors/coded-error.ts';

/** Steps of a curve of concurrent calls, and how many days one may be of: some thousand points each. */
const MOST_DAYS = { minute: 3, hour: 100, day: 1_000 } as const;
const DAY_US = 86_400_000_000;

export type CurveStep = keyof typeof MOST_DAYS;
export const CURVE_STEPS = Object.keys(MOST_DAYS) as CurveStep[];

/** @throws CodedError `span-too-long` */
export function checkCurve(step: CurveStep, { fromUs, toUs }: { fromUs: number; toUs: number }): void {
  if (toUs - fromUs <= MOST_DAYS[step] * DAY_US) return;
  throw new CodedError('span-too-long', `a curve by the ${step} is of ${MOST_DAYS[step]} days at the most`);
}
