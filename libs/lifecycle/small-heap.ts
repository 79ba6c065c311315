import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from letting the young generation grow to its limit of three times 32 MB: a service whose objects all die with
 * their request needs a tenth of it, and buffers of requests live on until it is collected. Measured on service cdr at
 * 120 to 200 CDRs/s on a busy machine: 380 MB resident without, 220 MB with, for the same CPU time. To be called first of all.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
