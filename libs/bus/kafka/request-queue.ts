import { createRequire } from 'node:module';

interface RequestQueue {
  pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const repaired = new WeakSet<object>();

/**
 * kafkajs 2.2.4 schedules a look at its waiting requests even when none waits, with a negative delay: Node 24 prints a
 * TimeoutNegativeWarning, and the timer comes back every millisecond for as long as the connection lives
 * (https://github.com/tulios/kafkajs/issues/1751). Here it looks only when something waits. Safe to call again.
 */
export function repairRequestQueue(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  if (repaired.has(prototype)) return;
  repaired.add(prototype);
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function scheduleWhenNeeded(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
