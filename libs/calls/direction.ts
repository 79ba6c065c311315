import type { Call } from '../records/call.ts';
import type { Leg } from './leg.ts';

/** Where a call came from and went to, seen from the fleet; `path` is in order of the SIP path. */
export function directionOf(path: readonly Leg[]): Call['direction'] {
  const [first] = path;
  if (first === undefined || first.direction === null) return null;
  if (first.direction === 'inbound' && !first.is_loopback && (first.trunk !== null || first.user === null)) {
    return 'inbound';
  }
  const isOutbound = path.some((leg) => leg.direction === 'outbound' && leg.trunk !== null);
  return isOutbound ? 'outbound' : 'internal';
}
