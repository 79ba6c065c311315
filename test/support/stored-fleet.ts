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

export interface StoredFleet extends FleetMergers {
  connectionString: string;
  /** newest first */
  calls: Awaited<ReturnType<typeof storedCalls>>;
}

/**
 * Run 05 as a merger stores it on a fresh database: 109 calls of 240 legs, finished, rollups compacted. `tenants` owns domains:
 * name of a domain → its tenant.
 */
export async function storedRun05(t: Testing, tenants: Record<string, string> = {}): Promise<StoredFleet> {
  const fleet = await fleetMergers(t, 1, { proxies: KNOWN });
  for (const [domain, tenant] of Object.entries(tenants)) {
    await fleet.database.write.query('insert into tenants (name) values ($1) on conflict do nothing', [
      tenant,
    ]);
    await fleet.database.write.query('insert into domains (name, tenant) values ($1, $2)', [domain, tenant]);
  }
  await applyAll(fleet.mergers, batchesOf(deliveries(recordedFleet('run-05')), 1_000));
  await settle(fleet);
  await compact(fleet.database.write);
  const calls = await storedCalls(fleet);
  const { connectionString = '' } = fleet.database.write.options;
  return { ...fleet, connectionString, calls: calls.toReversed() };
}
