/** FreeSWITCH holds a channel while it waits: it hears within a second of what does not answer. */
const PATIENCE_MS = 900;
/** A body of 16 MiB takes seconds to read, pack and write: given up after one, it would never come in. */
const BYTES_A_MS = 4_096;

/** How long one step of a post of so many bytes may take, ms. */
export function patienceMs(bodyBytes: number): number {
  return PATIENCE_MS + Math.floor(bodyBytes / BYTES_A_MS);
}
