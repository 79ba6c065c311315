import { type CdrEvidence, strongerCdr } from './known-cdr.ts';
import { compareText, type Layers, mergeLayers } from './layers.ts';
import { mergePartners, type Partner } from './partners.ts';

/** The earliest moment at which something was said to have happened, µs; absent when nothing said so. */
export interface Moments {
  progress_us?: number;
  progress_media_us?: number;
  answer_us?: number;
  hangup_us?: number;
  bridged_us?: number;
}

/** A CHANNEL_BRIDGE: when, and which leg was put to which. */
export type Bridge = readonly [at_us: number, a: string, b: string];

/**
 * Everything that was said about one leg, kept small. It is a join-semilattice: merging is associative, commutative and
 * idempotent, so late, doubled and shuffled records all come to the same evidence.
 */
export interface LegEvidence {
  uuid: string;
  start_us: number;
  /** names of its node and its core come from any event: a leg has one of each */
  node: string;
  core_uuid: string | null;
  birth: Layers;
  latest: Layers;
  moments: Moments;
  /** the last event of any kind, 0 without one */
  last_event_us: number;
  partners: readonly Partner[];
  bridges: readonly Bridge[];
  recordings: readonly string[];
  cdr: CdrEvidence | null;
}

const MAX_BRIDGES = 64;
const MAX_RECORDINGS = 32;

/** Evidence of nothing but the leg's identity. */
export function noEvidence(
  identity: Pick<LegEvidence, 'uuid' | 'start_us' | 'node' | 'core_uuid'>,
): LegEvidence {
  return {
    ...identity,
    birth: [],
    latest: [],
    moments: {},
    last_event_us: 0,
    partners: [],
    bridges: [],
    recordings: [],
    cdr: null,
  };
}

/** Both, of the same leg. */
export function mergeEvidence(a: LegEvidence, b: LegEvidence): LegEvidence {
  return {
    uuid: a.uuid,
    start_us: a.start_us,
    node: leastText(a.node, b.node) ?? a.node,
    core_uuid: leastText(a.core_uuid, b.core_uuid),
    birth: mergeLayers('earliest', a.birth, b.birth),
    latest: mergeLayers('latest', a.latest, b.latest),
    moments: mergeMoments(a.moments, b.moments),
    last_event_us: Math.max(a.last_event_us, b.last_event_us),
    partners: mergePartners(a.partners, b.partners),
    bridges: mergeBridges(a.bridges, b.bridges),
    recordings: mergeRecordings(a.recordings, b.recordings),
    cdr: strongerCdr(a.cdr, b.cdr),
  };
}

/** They differ only for a leg that a recovery took to another core: any fixed choice will do. */
function leastText(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareText(a, b) <= 0 ? a : b;
}

export function mergeMoments(a: Moments, b: Moments): Moments {
  const merged: Moments = { ...a };
  for (const name of Object.keys(b) as (keyof Moments)[]) {
    const known = merged[name];
    const said = b[name];
    if (said !== undefined && (known === undefined || said < known)) merged[name] = said;
  }
  return merged;
}

function mergeBridges(a: readonly Bridge[], b: readonly Bridge[]): readonly Bridge[] {
  if (b.length === 0) return a;
  const byText = new Map([...a, ...b].map((bridge) => [bridge.join(' '), bridge]));
  return [...byText.values()]
    .sort((x, y) => x[0] - y[0] || compareText(x[1], y[1]) || compareText(x[2], y[2]))
    .slice(0, MAX_BRIDGES);
}

function mergeRecordings(a: readonly string[], b: readonly string[]): readonly string[] {
  if (b.length === 0) return a;
  return [...new Set([...a, ...b])].sort(compareText).slice(0, MAX_RECORDINGS);
}
