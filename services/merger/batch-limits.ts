/** What has piled up is applied in large batches: most of a leg's events then are folded together, and written once. */
export const BATCH_RECORDS = 2_000;
export const BATCH_BYTES = 4 * 1024 * 1024;
/** While there is more to come, batches are read so far apart: each costs two dozen statements, however small it is. */
export const GATHER_MS = 150;
