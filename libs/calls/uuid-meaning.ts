import { compareIdentities, type LegIdentity } from './call-id.ts';
import { SAME_LEG_US } from './history.ts';

/** A leg, as far as it tells whether a later one of the same uuid goes on from it. */
export interface NamedLeg extends LegIdentity {
  core_uuid: string | null;
  /** its node died under it */
  is_interrupted: boolean;
}

/** Which leg `uuid` means to the leg that names it: the same text for legs that are one channel. */
export type UuidMeaning = (uuid: string, by: LegIdentity) => string;

interface Life {
  start_us: number;
  /** start of the leg that it goes on from, or its own */
  since_us: number;
}

/**
 * Makes what tells legs of one uuid apart. FreeSWITCH takes a caller's Call-ID for a uuid where it is told to
 * (inbound-use-callid-as-uuid), and callers may use a Call-ID again: that is another channel. One that is recovered after its
 * server died is the same. Whoever names the uuid means the one that began nearest to itself.
 */
export function uuidMeaning(legs: readonly NamedLeg[]): UuidMeaning {
  const several = [...Map.groupBy(legs, ({ uuid }) => uuid)].filter(([, same]) => same.length > 1);
  if (several.length === 0) return (uuid) => uuid;
  const lives = new Map(several.map(([uuid, same]) => [uuid, livesOf(same)]));
  return (uuid, by) => {
    const known = lives.get(uuid);
    return known === undefined ? uuid : `${uuid} since ${nearest(known, by)}`;
  };
}

function livesOf(same: readonly NamedLeg[]): Life[] {
  const lives: Life[] = [];
  let before: NamedLeg | undefined;
  for (const leg of same.toSorted(compareIdentities)) {
    const goesOn = before !== undefined && isContinued(before, leg);
    lives.push({
      start_us: leg.start_us,
      since_us: goesOn ? (lives.at(-1)?.since_us ?? leg.start_us) : leg.start_us,
    });
    before = leg;
  }
  return lives;
}

/** Another system's row knows whole seconds and no core; a recovery takes a channel to another core. */
function isContinued(before: NamedLeg, leg: NamedLeg): boolean {
  if (before.core_uuid !== null && leg.core_uuid !== null && before.core_uuid !== leg.core_uuid)
    return before.is_interrupted;
  return leg.start_us - before.start_us <= SAME_LEG_US;
}

function nearest(lives: readonly Life[], { start_us }: LegIdentity): number {
  const distance = (life: Life) => Math.abs(life.start_us - start_us);
  return lives.reduce((a, b) => (distance(b) < distance(a) ? b : a)).since_us;
}
