import type { Health } from '../lifecycle/stoppable.ts';
import type { FeedState } from './held-snapshot.ts';

/** How old what it answers from is; null before there is anything. */
export function snapshotAgeSeconds({ ageMs }: Pick<FeedState, 'ageMs'>): number | null {
  return Number.isFinite(ageMs) ? ageMs / 1000 : null;
}

/**
 * A service that answers from a snapshot is ready as soon as it has one: an old one still answers (I5). One that stops is
 * not ready, and goes on answering whoever has not heard of that yet.
 */
export function snapshotHealth(state: FeedState, { isStopping = false } = {}): Health {
  const { isLoaded, isFresh, ageMs, revision, source, problem } = state;
  const reasons = [...(isLoaded ? [] : ['no snapshot is loaded']), ...(isStopping ? ['stopping'] : [])];
  return {
    ready: reasons.length === 0,
    reasons,
    details: {
      snapshot: {
        is_fresh: isFresh,
        age_ms: Number.isFinite(ageMs) ? Math.round(ageMs) : null,
        revision,
        source: source ?? null,
        problem: problem ?? null,
      },
    },
  };
}
