import type { Bench, Figure } from './figure.ts';
import { runFleet } from './fleet/fleet-run.ts';
import { openFleetPlace } from './fleet/place.ts';
import { Scope } from './main/scope.ts';

const SIZE = { nodes: 50, domains: 400, users: 200_000, registrations: 20_000 };
const CPS = 100;
const MINUTES = '2';

/** A whole fleet, every service a process, for `--minutes N` (2); `--cps N` (100) calls begin in a second. */
export const bench: Bench = {
  name: 'fleet',
  description:
    '50 nodes, 200,000 users, 20,000 registrations, 100 calls/s: what is lost, doubled and late; memory',
  async *run({ minutes = MINUTES, cps = String(CPS) }): AsyncIterable<Figure> {
    const scope = new Scope();
    try {
      const place = await openFleetPlace(scope, SIZE);
      yield* await runFleet(place, { cps: Number(cps), seconds: Number(minutes) * 60 });
    } finally {
      await scope.close();
    }
  },
};
