import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../errors/coded-error.ts';
import type { DiskWorkerData } from './worker.ts';

/** It holds a few hundred rows at a time; without a limit its heap grows to twice that of the service before it is swept. */
const HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 };
/** A write that takes longer is given up. */
const WRITE_MS = 300_000;

/**
 * Writes the disk snapshot in a thread of its own, from the database to the file, so that the event loop that answers
 * never serialises anything. @throws CodedError `snapshot-write-failed`
 */
export async function writeInWorker(data: DiskWorkerData, signal?: AbortSignal): Promise<void> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    stdout: false,
    resourceLimits: HEAP,
  });
  const limit = AbortSignal.any([AbortSignal.timeout(WRITE_MS), ...(signal === undefined ? [] : [signal])]);
  try {
    const [code] = await once(worker, 'exit', { signal: limit });
    if (code !== 0) throw new Error(`its thread ended with ${code}`);
  } catch (cause) {
    throw new CodedError('snapshot-write-failed', `snapshot ${data.path} was not written`, { cause });
  } finally {
    await worker.terminate();
  }
}
