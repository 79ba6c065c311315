import type { DeliveredRecord } from '../../libs/bus/bus.ts';
import { BATCH_BYTES, BATCH_RECORDS } from '../../services/merger/batch-limits.ts';
import { type Figure, figure, median } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import { clonedRecords } from './cloned-records.ts';
import { type MergerPlace, openMergerPlace } from './merger-place.ts';

export interface MergerRecordsOptions {
  /** copies of run 01 (230 records) a round */
  copies: number;
  rounds: number;
}

/** Records a second that one merger folds into PostgreSQL on this machine, and deadlocks of all rounds. */
export async function mergerRecords(
  scope: Scope,
  { copies, rounds }: MergerRecordsOptions,
): Promise<Figure[]> {
  const place = await openMergerPlace(scope);
  await applyAll(place, batchesOf(clonedRecords({ copies: Math.ceil(copies / 2) })));
  const rates: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const records = clonedRecords({ copies, from: round * copies });
    const batches = batchesOf(records);
    const began = performance.now();
    await applyAll(place, batches);
    rates.push((records.length * 1000) / (performance.now() - began));
  }
  const retries = await place.metrics.retries.get();
  const deadlocks = retries.values.reduce((sum, { value }) => sum + value, 0);
  return [
    figure('calls.merger_records', median(rates), 'records/s', 'higher'),
    figure('calls.deadlocks', deadlocks, 'deadlocks', 'lower'),
  ];
}

async function applyAll({ merger }: MergerPlace, batches: readonly DeliveredRecord[][]): Promise<void> {
  for (const batch of batches) await merger.apply(batch);
}

/** Cut as a bus cuts them for the merger: by number and by size. */
export function batchesOf(records: readonly DeliveredRecord[]): DeliveredRecord[][] {
  const batches: DeliveredRecord[][] = [];
  let batch: DeliveredRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = JSON.stringify(record.value).length;
    if (batch.length > 0 && (batch.length >= BATCH_RECORDS || bytes + size > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  return batch.length === 0 ? batches : [...batches, batch];
}
