import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Fleet } from '../../test/support/simulator/fleet.ts';

const POLL_MS = 25;
/** A call that is not seen for so long is looked for no more: it counts as this late. */
const YOUNG_MS = 5_000;

/** What is watched, and since when; `isOver` ends it. */
export interface Watching {
  isOver: boolean;
}

interface SeenRow {
  id: string;
  start_us: number;
  legs: string[];
}

/** The moment (ms) at which a node first said something of each leg: a clone's own times lie up to a second before it. */
export function watchFirstEvents(fleet: Fleet): ReadonlyMap<string, number> {
  const said = new Map<string, number>();
  for (const node of fleet.nodes) {
    node.onEvent = ({ uuid }) => {
      if (uuid !== '' && !said.has(uuid)) said.set(uuid, Date.now());
    };
  }
  return said;
}

/**
 * Milliseconds from the first event of each call until its row was first seen in table `calls`, of calls that began at `fromUs`
 * or later. Only young calls are asked for, as reading all of them again and again would cost more than writing them.
 */
export async function watchCalls(
  client: pg.Client,
  { said, fromUs, watching }: { said: ReadonlyMap<string, number>; fromUs: number; watching: Watching },
): Promise<number[]> {
  const delays = new Map<string, number>();
  while (!watching.isOver) {
    const rows = await readCalls(client, Math.max(fromUs, (Date.now() - YOUNG_MS) * 1000));
    const nowMs = Date.now();
    for (const { id, legs } of rows) if (!delays.has(id)) delays.set(id, nowMs - firstSaid(said, legs));
    await sleep(POLL_MS);
  }
  const oldUs = (Date.now() - YOUNG_MS) * 1000;
  for (const { id, start_us } of await readCalls(client, fromUs)) {
    if (start_us < oldUs && !delays.has(id)) delays.set(id, YOUNG_MS);
  }
  return [...delays.values()];
}

function firstSaid(said: ReadonlyMap<string, number>, legs: readonly string[]): number {
  return Math.min(...legs.map((uuid) => said.get(uuid) ?? Number.POSITIVE_INFINITY));
}

async function readCalls(client: pg.Client, sinceUs: number): Promise<SeenRow[]> {
  const { rows } = await client.query<SeenRow>(
    `select id, (extract(epoch from start_at) * 1000000)::float8 as start_us, legs from calls
     where start_at >= to_timestamp($1::float8 / 1e6) and merged_into is null`,
    [sinceUs],
  );
  return rows;
}
