import type { Leg } from './leg.ts';

/** The talking part of a call. */
export interface Conversation {
  /** when somebody or something answered the caller; waiting in a queue or in park is no answer */
  answer_us: number | null;
  /** when nobody talked any more; null while the call lives, and without an answer */
  talk_end_us: number | null;
  /** a server died under it */
  isCut: boolean;
}

/** `path` is in order of the SIP path, the first leg first. */
export function conversationOf(path: readonly Leg[]): Conversation {
  const [first] = path;
  const answer = first === undefined ? null : answerOf(first, path);
  if (answer === null) return { answer_us: null, talk_end_us: null, isCut: false };
  const cuts = path
    .filter((leg) => leg.is_interrupted && leg.answer_us !== null)
    .map(({ end_us }) => end_us ?? answer);
  const isOver = path.every(({ end_us }) => end_us !== null);
  if (!isOver) return { answer_us: answer, talk_end_us: null, isCut: false };
  const isCut = cuts.length > 0;
  const ends = path.filter(({ answer_us }) => answer_us !== null).map(({ end_us }) => end_us ?? answer);
  const end = isCut ? Math.min(...cuts) : Math.max(answer, ...ends);
  return { answer_us: answer, talk_end_us: Math.max(answer, end), isCut };
}

function answerOf(first: Leg, path: readonly Leg[]): number | null {
  if (first.answer_us === null) return null;
  return isWaiting(first) ? metAt(first, path) : first.answer_us;
}

/** A caller whom a queue or a parking lot answered, which is nobody: somebody has to come for it. */
export function isWaiting(leg: Leg): boolean {
  if (leg.direction !== 'inbound') return false;
  return (leg.queue !== null && leg.is_queue_member) || leg.is_parked;
}

/** When another answered leg was put through to this one; null when none ever was. */
function metAt(leg: Leg, path: readonly Leg[]): number | null {
  const bridges = path
    .flatMap(({ bridges }) => bridges)
    .filter(([, a, b]) => a === leg.uuid || b === leg.uuid)
    .map(([at]) => at);
  if (bridges.length > 0) return Math.min(...bridges);
  if (leg.bridged_us !== null) return leg.bridged_us;
  const met = path.filter((other) => other !== leg && other.answer_us !== null && arePartners(leg, other));
  return met.length === 0 ? null : Math.min(...met.map(({ answer_us }) => answer_us ?? 0));
}

export function arePartners(a: Leg, b: Leg): boolean {
  return a.partners.includes(b.uuid) || b.partners.includes(a.uuid);
}
