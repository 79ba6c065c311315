import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../../../libs/postgres/database.ts';
import { type FleetNode, readFleet } from '../../../libs/provisioning/fleet.sql.ts';
import type { CommandContext } from '../command-context.ts';

const COLUMNS = [
  'node',
  'state',
  'connection',
  'sessions',
  'max',
  'cpu_idle',
  'heard',
  'address',
  'region',
  'reason',
];
const EVERY_MS = 1_000;
/** To the upper left corner, and clear from there. */
const HOME = '\u001b[H\u001b[J';

/** Prints the fleet once. */
export async function showFleet({ output }: CommandContext, pool: Pool): Promise<void> {
  output.table(COLUMNS, await readFleet(pool), toRow);
}

/** Prints the fleet every second until the process is interrupted. */
export async function watchFleet(context: CommandContext, pool: Pool): Promise<void> {
  const stopped = new AbortController();
  process.once('SIGINT', () => stopped.abort());
  process.once('SIGTERM', () => stopped.abort());
  while (!stopped.signal.aborted) {
    if (process.stdout.isTTY) process.stdout.write(HOME);
    await showFleet(context, pool);
    await sleep(EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
  }
}

function toRow(node: FleetNode): Record<string, unknown> {
  const { load } = node;
  return {
    node: node.switchname,
    state: node.state,
    connection: node.connection,
    sessions: load?.sessions,
    max: node.max_sessions ?? load?.max_sessions,
    cpu_idle: load?.idle_cpu === null || load === null ? undefined : `${Math.round(load.idle_cpu)} %`,
    heard: node.load_seconds === null ? undefined : `${Math.max(0, Math.round(node.load_seconds))} s ago`,
    address: node.address,
    region: node.region,
    reason: node.reason,
  };
}
