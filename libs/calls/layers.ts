/** When one record was said, in the order of one leg and core: by Event-Date-Timestamp, then Event-Sequence. */
export interface Stamp {
  at_us: number;
  sequence: number;
  core_uuid: string;
}

export type Value = string | string[];

/** What one record said, without what a stronger record says as well. */
export interface Layer extends Stamp {
  values: Record<string, Value>;
}

/**
 * Named values, each of the strongest record that says it, grouped by that record. Merging is associative, commutative
 * and idempotent, so that records may come late, doubled and in any order.
 */
export type Layers = readonly Layer[];

/** Which record is stronger: for `latest` the later one, for `earliest` the earlier one. */
export type Strength = 'latest' | 'earliest';

export function compareStamps(a: Stamp, b: Stamp): number {
  return a.at_us - b.at_us || a.sequence - b.sequence || compareText(a.core_uuid, b.core_uuid);
}

/** By code units: the same order in every process, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The strongest value of every name in `a` and `b`. */
export function mergeLayers(strength: Strength, a: Layers, b: Layers): Layers {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const sign = strength === 'latest' ? -1 : 1;
  const ordered = [...a, ...b].sort((x, y) => sign * compareStamps(x, y));
  const seen = new Set<string>();
  const merged: Layer[] = [];
  for (const layer of ordered) {
    const values: Record<string, Value> = {};
    let isEmpty = true;
    for (const [name, value] of Object.entries(layer.values)) {
      if (seen.has(name)) continue;
      seen.add(name);
      values[name] = value;
      isEmpty = false;
    }
    if (!isEmpty) merged.push({ ...layer, values });
  }
  return merged;
}

/** Every name with its strongest value. */
export function flatten(layers: Layers): Record<string, Value> {
  return Object.assign(Object.create(null), ...layers.map(({ values }) => values));
}
