import type { PoolClient } from 'pg';
import { coresNamed, foldCores, isOfAllCores, type NodeCore } from '../../libs/calls/fold-cores.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { LiveNode } from '../../libs/records/live.ts';
import type { NodeEvent, NodeStateChanged } from '../../libs/records/node-event.ts';
import {
  coresWithoutFate,
  insertNodeEvidence,
  lockFates,
  readNodeEvidence,
  writeFates,
} from '../../libs/store/node-fate.sql.ts';
import { writeNodeStates } from '../../libs/store/node-status.sql.ts';

/** What became of a core does not depend on which channels it had. */
const NONE: ReadonlySet<string> = new Set();

/**
 * Stores what collectors said of nodes, and folds what became of the cores it concerns; their legs are judged afterwards.
 * `nowUs` is the merger's clock.
 */
export async function applyNodeEvents(
  pool: Pool,
  events: readonly NodeEvent[],
  nowUs: number,
): Promise<void> {
  if (events.length === 0) return;
  const nodes = [...new Set(events.map(({ node }) => node))];
  await transaction(pool, async (client) => {
    await lockFates(client);
    await insertNodeEvidence(client, events);
    const fates = foldCores(await readNodeEvidence(client, { nodes, uuids: NONE }));
    await writeFates(client, fates.filter(concerning(events)));
    await writeNodeStates(client, events.filter(isState), nowUs);
  });
}

/**
 * A collector that never reached a node says that it is down without knowing its core. Where legs of it are open whose core
 * nobody ever spoke of, this is what is known of that core. `settings` are those of the merger's transactions.
 */
export async function foldUnnamedCores(
  pool: Pool,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  if ((await transaction(pool, coresWithoutFate, { settings })).length === 0) return;
  const fold = async (client: PoolClient) => {
    await lockFates(client);
    const cores = await coresWithoutFate(client);
    const nodes = [...new Set(cores.map(({ node }) => node))];
    const events = await readNodeEvidence(client, { nodes, uuids: NONE });
    const isUnnamed = new Set(cores.map(({ node, core_uuid }) => `${core_uuid} ${node}`));
    const fates = foldCores(events, cores);
    await writeFates(
      client,
      fates.filter(({ node, core_uuid }) => isUnnamed.has(`${core_uuid} ${node}`)),
    );
  };
  await transaction(pool, fold, { settings });
}

function isState(event: NodeEvent): event is NodeStateChanged {
  return event.kind === 'state';
}

/** Tells whether any of these words is about a core. */
function concerning(events: readonly NodeEvent[]): (core: NodeCore) => boolean {
  const nodes = new Set(events.filter(isOfAllCores).map(({ node }) => node));
  const cores = new Set(events.flatMap((event) => coresNamed(event).map((core) => `${core} ${event.node}`)));
  return ({ node, core_uuid }) => nodes.has(node) || cores.has(`${core_uuid} ${node}`);
}

/** What browsers see of it. */
export function liveNodes(events: readonly NodeEvent[]): LiveNode[] {
  return events.filter(isState).map(({ node, state, reason, at_us }) => ({
    v: 1,
    kind: 'node-state',
    at_us,
    node,
    state,
    reason,
  }));
}
