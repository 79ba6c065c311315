import type { Leg } from '../api/shapes.ts';

/** Where a leg's CDR is: its uuid may be that of other legs, too. */
export function documentPath({ uuid, start_at }: Pick<Leg, 'uuid' | 'start_at'>): string {
  return `/v1/cdrs/${encodeURIComponent(uuid)}/document?start=${encodeURIComponent(start_at)}`;
}
