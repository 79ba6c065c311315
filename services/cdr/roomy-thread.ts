import { setFlagsFromString } from 'node:v8';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Room for new objects. V8 begins with 1 MB and adds to it only where much stays alive. Nearly nothing of a post does, so the thread
 * that reads them stopped to collect after every eleventh one, for 0.7 ms: 60 µs a CDR, 16 µs with this much (measured by
 * `perf_hooks`, recorded CDRs of 15 to 20 kB). 16 MB would save 7 µs more, and cost as many MB.
 */
const ROOM_MB = 8;
/** V8 keeps two of them, and a third for large objects. */
const YOUNG_MB = 3 * ROOM_MB;

/** Threads that begin: the setting is one for the whole process. */
let beginning = 0;

/** Opens a thread that has this room from the beginning: a thread's own options say only how far it may grow. */
export function openRoomyThread(entry: URL, options: WorkerOptions): Worker {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
  // V8 reads it when the thread begins: threads of others have nothing to do with it.
  const hasBegun = setRoom();
  try {
    // One that is ended early is never online.
    return new Worker(entry, { ...options, resourceLimits }).once('online', hasBegun).once('exit', hasBegun);
  } catch (error) {
    hasBegun();
    throw error;
  }
}

/** Whoever begins now has room, until what it gives is called (once or more) for each. */
function setRoom(): () => void {
  beginning += 1;
  setFlagsFromString(`--min-semi-space-size=${ROOM_MB}`);
  let hasBegun = false;
  return () => {
    if (!hasBegun) beginning -= 1;
    hasBegun = true;
    if (beginning === 0) setFlagsFromString('--min-semi-space-size=0');
  };
}
