import type { Leg } from './leg.ts';

/** Less than this is the network's: a 200 OK or a BYE on its way, or sent again. */
const NETWORK_US = 1_000_000;

/**
 * The legs of a call by the clock of the first one's node. Where the two ends of one SIP dialog say that it was answered,
 * and that it ended, the same time apart, it is their clocks that are apart. Legs whose clocks agree stay what they are.
 */
export function onOneClock(path: readonly Leg[]): readonly Leg[] {
  const ahead = aheadOfFirst(path);
  if ([...ahead.values()].every((us) => us === 0)) return path;
  return path.map((leg) => shifted(leg, -(ahead.get(leg.node) ?? 0)));
}

/** How far each node's clock is ahead of the first leg's node's, µs. */
function aheadOfFirst(path: readonly Leg[]): Map<string, number> {
  const ahead = new Map(path.slice(0, 1).map(({ node }) => [node, 0]));
  const dialogs = dialogsOf(path);
  for (let known = 0; known < ahead.size; ) {
    known = ahead.size;
    for (const { out, far, skew } of dialogs) {
      const [near, end] = [ahead.get(out.node), ahead.get(far.node)];
      if (near !== undefined && end === undefined) ahead.set(far.node, near + skew);
      else if (near === undefined && end !== undefined) ahead.set(out.node, end - skew);
    }
  }
  return ahead;
}

interface Dialog {
  out: Leg;
  far: Leg;
  /** how far the clock of the far end is ahead */
  skew: number;
}

/** The ends of SIP dialogs between two nodes. */
function dialogsOf(path: readonly Leg[]): Dialog[] {
  const inbound = path.filter(
    ({ direction, sip_call_id }) => direction === 'inbound' && sip_call_id !== null,
  );
  return path
    .filter(({ direction }) => direction === 'outbound')
    .flatMap((out) =>
      inbound
        .filter((far) => far.sip_call_id === out.sip_call_id && far.node !== out.node)
        .flatMap((far) => {
          const skew = skewOf(out, far);
          return skew === undefined ? [] : [{ out, far, skew }];
        }),
    );
}

/** Undefined where the two ends do not agree on how long it was: a server died, or a request was late. */
function skewOf(out: Leg, far: Leg): number | undefined {
  if (out.end_us === null || far.end_us === null || out.is_interrupted || far.is_interrupted)
    return undefined;
  const ends = far.end_us - out.end_us;
  const begins =
    out.answer_us === null || far.answer_us === null
      ? far.start_us - out.start_us
      : far.answer_us - out.answer_us;
  if (Math.abs(begins - ends) > NETWORK_US) return undefined;
  return Math.abs(begins) > NETWORK_US ? begins : 0;
}

function shifted(leg: Leg, us: number): Leg {
  const moved = (at: number | null) => (at === null ? null : at + us);
  return {
    ...leg,
    start_us: leg.start_us + us,
    progress_us: moved(leg.progress_us),
    progress_media_us: moved(leg.progress_media_us),
    answer_us: moved(leg.answer_us),
    bridged_us: moved(leg.bridged_us),
    end_us: moved(leg.end_us),
    bridges: leg.bridges.map(([at, a, b]) => [at + us, a, b] as const),
  };
}
