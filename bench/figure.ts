/** One measured number, as `npm run bench -- NAME --json` prints it. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  better: 'higher' | 'lower';
  /** what it was measured against, in the same run; null where there is nothing to compare with */
  baseline: number | null;
  /** value / baseline */
  ratio: number | null;
}

/** What a bench file exports as `bench`. */
export interface Bench {
  name: string;
  description: string;
  /** `options` are the words after the name, `--calls 10000000` as `{calls: '10000000'}` */
  run(options: Readonly<Record<string, string>>): AsyncIterable<Figure>;
}

/** A figure that stands alone. */
export function figure(name: string, value: number, unit: string, better: 'higher' | 'lower'): Figure {
  return { name, value: round(value), unit, better, baseline: null, ratio: null };
}

/** The value that a share (0 to 1) of the others are no larger than; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Comparison {
  name: string;
  unit: string;
  better: 'higher' | 'lower';
  /** measures ours once and gives the number */
  value: () => Promise<number>;
  /** measures what we compare with once */
  baseline: () => Promise<number>;
  rounds?: number;
}

/**
 * Measures ours and the baseline in turn, five times by default, and gives the medians: alternating, so that a machine
 * that slows down slows both.
 */
export async function compare({ rounds, ...comparison }: Comparison): Promise<Figure> {
  const [figure] = await compareTogether([comparison], rounds);
  if (figure === undefined) throw new TypeError('one comparison gives one figure');
  return figure;
}

/** As `compare`, several side by side: each round measures all of them, so that a slow minute slows all. */
export async function compareTogether(comparisons: readonly Comparison[], rounds = 5): Promise<Figure[]> {
  const runs = comparisons.map((comparison) => ({
    comparison,
    values: [] as number[],
    baselines: [] as number[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { comparison, values, baselines } of runs) {
      baselines.push(await comparison.baseline());
      values.push(await comparison.value());
    }
  }
  return runs.map(({ comparison: { name, unit, better }, values, baselines }) => {
    const ours = median(values);
    const theirs = median(baselines);
    return { name, value: round(ours), unit, better, baseline: round(theirs), ratio: round(ours / theirs) };
  });
}

/** The middle value of an odd number of values, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (upper + lower) / 2;
}

/** Four significant digits. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
