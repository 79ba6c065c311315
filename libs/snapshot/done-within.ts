import { once } from 'node:events';

/** Whether work is done within so many milliseconds; it goes on all the same. @throws what it throws within that time */
export async function isDoneWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  return Promise.race([work.then(() => true), once(AbortSignal.timeout(ms), 'abort').then(() => false)]);
}
