/** A create that may come again, because its answer was lost: who sent it, its Idempotency-Key, and a hash of what it asks. */
export interface RepeatedRequest {
  token: string;
  key: string;
  hash: string;
}
