import type { CallOf } from './lanes.ts';
import type { ChangedCall } from './write-claimed.ts';

/** Legs that are remembered in each of two halves: of a few minutes, however busy the fleet is. */
const HALF = 16_384;

/** Which calls this merger lately saw legs in: a hint, which may be old, and without which all is as right. */
export interface KnownCalls {
  callOf: CallOf;
  tell(changed: readonly ChangedCall[]): void;
}

/** Makes an empty memory. When a half is full, the older one is forgotten. */
export function createKnownCalls(): KnownCalls {
  let young = new Map<string, string>();
  let old = young;

  function remember(uuid: string, call: string): void {
    if (young.size >= HALF) {
      old = young;
      young = new Map();
    }
    young.set(uuid, call);
  }

  return {
    callOf: (uuid) => young.get(uuid) ?? old.get(uuid),
    tell: (changed) => {
      for (const { row } of changed) for (const uuid of row.legs) remember(uuid, row.id);
    },
  };
}
