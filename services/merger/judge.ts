import type { CoreFate } from '../../libs/calls/core-fate.ts';
import type { LegEvidence } from '../../libs/calls/evidence.ts';
import { foldCores } from '../../libs/calls/fold-cores.ts';
import { type Judgement, RESYNC_SLACK_US } from '../../libs/calls/leg-end.ts';
import { readFates, readNodeEvidence, type StoredFate } from '../../libs/store/node-fate.sql.ts';
import type { Queryable } from '../../libs/store/queryable.ts';

export interface JudgeOptions {
  nowUs: number;
  nodeLostMs: number;
}

/**
 * What is known of the nodes of these legs. Sets of channels are large, so they are read only when one is younger than
 * what a leg without an end of its own last said.
 */
export async function readJudge(
  client: Queryable,
  legs: readonly LegEvidence[],
  options: JudgeOptions,
): Promise<(evidence: LegEvidence) => Judgement & { revision: number }> {
  const open = legs.filter(isOpen);
  const cores = [...new Set(open.flatMap(({ core_uuid }) => core_uuid ?? []))];
  const stored = new Map((await readFates(client, cores)).map((fate) => [keyOf(fate), fate]));
  const fates = await withChannels(client, { legs: open, stored });
  return (evidence) => {
    const key = keyOf(evidence);
    return { ...options, fate: fates.get(key), revision: stored.get(key)?.revision ?? 0 };
  };
}

function keyOf({ node, core_uuid }: { node: string; core_uuid: string | null }): string {
  return `${core_uuid} ${node}`;
}

async function withChannels(
  client: Queryable,
  { legs, stored }: { legs: readonly LegEvidence[]; stored: ReadonlyMap<string, StoredFate> },
): Promise<Map<string, CoreFate>> {
  const fates = new Map([...stored].map(([key, { fate }]) => [key, { ...fate, resyncs: [] } as CoreFate]));
  const suspects = legs.filter((leg) => mayBeMissing(leg, stored.get(keyOf(leg))));
  if (suspects.length === 0) return fates;
  const nodes = [...new Set(suspects.map(({ node }) => node))];
  // of the others, too: a set may have come since their fate was read
  const uuids = new Set(legs.map(({ uuid }) => uuid));
  for (const fate of foldCores(await readNodeEvidence(client, { nodes, uuids }))) {
    if (fates.has(keyOf(fate))) fates.set(keyOf(fate), fate);
  }
  return fates;
}

/** Its own hangup or CDR ends a leg whatever becomes of its node. */
function isOpen({ moments, cdr }: LegEvidence): boolean {
  return moments.hangup_us === undefined && cdr === null;
}

function mayBeMissing({ last_event_us }: LegEvidence, stored: StoredFate | undefined): boolean {
  return stored !== undefined && stored.fate.resync_us > last_event_us + RESYNC_SLACK_US;
}
