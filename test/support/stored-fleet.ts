import { compact } from '../../libs/store/rollup.ts';
import {
  applyAll,
  deliveries,
  type FleetMergers,
  fleetMergers,
  settle,
} from '../services/merger/fleet-mergers.ts';
import { batchesOf, storedCalls } from '../services/merger/shuffling.ts';
import { recordedFleet } from './recorded-fleet.ts';
import type { Testing } from './stack/test-database.ts';

/** The servers and Kamailios of run 05. */
const KNOWN = ['127.0.0.11', '127.0.0.12', '127.0.0.13', '127.0.0.20', '127.0.0.21'];

/** Run 05 as a merger stores it on a fresh database: 109 calls of 240 legs, finished, rollups compacted. */
export async function storedRun05(
  t: Testing,
): Promise<FleetMergers & { calls: Awaited<ReturnType<typeof storedCalls>> }> {
  const fleet = await fleetMergers(t, 1, KNOWN);
  await applyAll(fleet.mergers, batchesOf(deliveries(recordedFleet('run-05')), 1_000));
  await settle(fleet);
  await compact(fleet.database.write);
  const calls = await storedCalls(fleet);
  return { ...fleet, calls: calls.toReversed() };
}
