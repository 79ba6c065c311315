/** FreeSWITCH holds a channel while it waits: it hears within a second of what does not answer. */
const PATIENCE_MS = 900;
/** A body of 16 MiB takes seconds to pack and write: given up after one, it would never come in. */
const BYTES_A_MS = 4_096;

/** Oddly written JSON takes 0.4 ms a kB to be read. */
const BYTES_READ_A_MS = 2_048;

/** How long a post of so many bytes may wait until it is durable, ms. */
export function patienceMs(bodyBytes: number): number {
  return PATIENCE_MS + Math.floor(bodyBytes / BYTES_A_MS);
}

/** How long it may wait until it is read, ms. */
export function readingPatienceMs(bodyBytes: number): number {
  return PATIENCE_MS + Math.floor(bodyBytes / BYTES_READ_A_MS);
}
