import { RecentMap } from '../../libs/recall/recent-map.ts';
import type { CallOf } from './lanes.ts';
import type { ChangedCall } from './write-claimed.ts';

/** Legs that are remembered in each of two generations: of a few minutes, however busy the fleet is. */
const LEGS = 16_384;

/** Which calls this merger lately saw legs in: a hint, which may be old, and without which all is as right. */
export interface KnownCalls {
  callOf: CallOf;
  tell(changed: readonly ChangedCall[]): void;
}

/** Makes an empty memory. */
export function createKnownCalls(): KnownCalls {
  const calls = new RecentMap<string>({ entries: LEGS });
  return {
    callOf: (uuid) => calls.get(uuid),
    tell: (changed) => {
      for (const { row } of changed) for (const uuid of row.legs) calls.set(uuid, row.id);
    },
  };
}
