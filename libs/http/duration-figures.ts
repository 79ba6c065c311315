import type { Metric, Registry } from 'prom-client';

export interface DurationFiguresOptions {
  name: string;
  help: string;
  labelNames: readonly string[];
  /** upper bounds in seconds, rising */
  buckets: readonly number[];
}

/** One series: how many observations ended in each bucket (the last one: above all bounds), and their sum. */
interface Series {
  labels: Record<string, string>;
  counts: Float64Array;
  sum: number;
}

/** A Prometheus histogram whose observation costs a few additions. */
export class DurationFigures {
  readonly #options: DurationFiguresOptions;
  readonly #series = new Map<string, Series>();

  constructor(options: DurationFiguresOptions) {
    this.#options = options;
  }

  /** `key` names the series, `values` are those of its labels. */
  observe(key: string, values: readonly string[], seconds: number): void {
    const series = this.#series.get(key) ?? this.#open(key, values);
    const { buckets } = this.#options;
    let bucket = 0;
    while (bucket < buckets.length && seconds > (buckets[bucket] ?? 0)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += seconds;
  }

  /** Shows the figures in a registry. */
  register(registry: Registry): void {
    const { name, help, labelNames } = this.#options;
    const metric = {
      name,
      help,
      labelNames,
      type: 'histogram',
      get: async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: this.#values() }),
      reset: () => this.#series.clear(),
    };
    registry.registerMetric(metric as unknown as Metric);
  }

  #open(key: string, values: readonly string[]): Series {
    const { labelNames, buckets } = this.#options;
    const labels = Object.fromEntries(labelNames.map((label, index) => [label, values[index] ?? '']));
    const series = { labels, counts: new Float64Array(buckets.length + 1), sum: 0 };
    this.#series.set(key, series);
    return series;
  }

  #values() {
    const { name, buckets } = this.#options;
    return [...this.#series.values()].flatMap(({ labels, counts, sum }) => {
      let below = 0;
      const bounds = [...buckets, '+Inf'].map((le, index) => {
        below += counts[index] ?? 0;
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below };
      });
      return [
        ...bounds,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: below },
      ];
    });
  }
}
