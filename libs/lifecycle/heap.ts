import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow over what is alive before it is swept, percent. */
const GROWTH_PERCENT = 50;

/**
 * Keeps the memory of a process near what is alive in it. V8 lets the heap of a large machine grow to four times that
 * before it sweeps: a snapshot of 117 MB then takes 600 MB. Measured: 300 MB with this, at a pause of 13 ms every few
 * seconds under full load. For processes that hold a snapshot; called once, before it is loaded.
 */
export function keepHeapTight(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
