import { callsBetween, type StoredCall } from '../../../libs/store/call.sql.ts';
import type { FleetMergers } from './fleet-mergers.ts';

/** A fixed sequence of pseudo-random numbers: a failing order can be run again. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function shuffled<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => [next(), item] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);
}

export function batchesOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

/** Calls as they are stored, without ids that were superseded. */
export async function storedCalls({ database }: FleetMergers): Promise<StoredCall[]> {
  const calls = await callsBetween(database.write, 0, 4e15);
  return calls.filter(({ merged_into }) => merged_into === null);
}

/** Calls without their bookkeeping, in order of id: what has to be equal. */
export function comparable(calls: readonly object[]): unknown[] {
  const bookkeeping = new Set(['v', 'revision', 'merged_into', 'state', 'is_over']);
  return calls
    .map((call) =>
      Object.fromEntries(
        Object.entries(call)
          .filter(([name]) => !bookkeeping.has(name))
          .sort(),
      ),
    )
    .sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
}

/** Transactions that were run again: a deadlock or a serialization failure. */
export async function deadlocks({ metrics }: FleetMergers): Promise<number> {
  const counts = await Promise.all(metrics.map(({ retries }) => retries.get()));
  return counts.flatMap(({ values }) => values).reduce((sum, { value }) => sum + value, 0);
}
