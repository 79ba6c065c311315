/** When a leg began, was answered and ended, microseconds: each may be one of two moments, the earlier first. */
export interface Readings {
  start: readonly number[];
  answer: readonly number[];
  end: readonly number[];
}

/** What the row says it took, seconds. */
export interface Lasted {
  duration: number | undefined;
  billsec: number | undefined;
}

export interface LegTimes {
  start: number | undefined;
  answer: number | undefined;
  end: number | undefined;
}

/** Clocks are put back by half an hour at least; what a row says it took is off by seconds. */
const NEAR_US = 60_000_000;
/** Whole seconds of one column beside fractions of another. */
const PRECISION_US = 1_000_000;

/**
 * The moments of a leg while a clock was put back: those that its duration fits. Without one the leg began at the earlier
 * moment, and was answered and ended at the first that is not before it.
 */
export function settleTimes({ start, answer, end }: Readings, { duration, billsec }: Lasted): LegTimes {
  const pairs = start.flatMap((from) => end.map((to) => ({ from, to })));
  const fitting = pairs.find(({ from, to }) => isNear(to - from, duration));
  const from = fitting?.from ?? start[0];
  const to = fitting?.to ?? firstSince(end, from) ?? end[0];
  const answers = answer.filter((at) => !isBefore(at, from) && !isBefore(to, at));
  const talked = answers.find((at) => to !== undefined && isNear(to - at, billsec));
  return { start: from, answer: talked ?? answers[0] ?? answer[0], end: to };
}

function firstSince(moments: readonly number[], from: number | undefined): number | undefined {
  return moments.find((moment) => !isBefore(moment, from));
}

function isBefore(moment: number | undefined, other: number | undefined): boolean {
  return moment !== undefined && other !== undefined && moment < other - PRECISION_US;
}

function isNear(us: number, seconds: number | undefined): boolean {
  return seconds !== undefined && Math.abs(us - seconds * 1_000_000) <= NEAR_US;
}
