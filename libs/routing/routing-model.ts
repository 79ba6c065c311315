import { SplitMap } from '../snapshot/split-map.ts';
import { handle, type SnapshotModel } from '../snapshot/table.ts';
import { DOMAINS, type DomainRow } from '../snapshot/tables/domains.ts';
import { createDidIndex, type DidIndex } from './did-index.ts';
import type { RoutingDomain } from './entities.ts';
import { createFleetIndex, type FleetIndex } from './fleet-index.ts';
import { createRegionIndex, type RegionIndex } from './region-index.ts';
import { createRegistrationIndex, type RegistrationIndex } from './registration-index.ts';
import { createTrunkIndex, type TrunkIndex } from './trunk-index.ts';
import { createUserIndex, type UserIndex } from './user-index.ts';

/** Everything that routing decides from, but for the load. What it hands out never changes; the model replaces it. */
export interface RoutingModel extends SnapshotModel {
  readonly dids: DidIndex;
  readonly trunkRoutes: TrunkIndex;
  readonly fleet: FleetIndex;
  readonly regions: RegionIndex;
  readonly users: UserIndex;
  readonly registrations: RegistrationIndex;
  /** By name, as a SIP host is written. */
  domain(name: string): RoutingDomain | undefined;
}

export function createRoutingModel(): RoutingModel {
  const domains = new SplitMap<RoutingDomain>();
  const dids = createDidIndex();
  const trunkRoutes = createTrunkIndex();
  const fleet = createFleetIndex();
  const regions = createRegionIndex();
  const users = createUserIndex();
  const registrations = createRegistrationIndex();
  const domainHandler = handle(DOMAINS, {
    put: (row) => domains.set(row.key, domainOf(row)),
    remove: (_domain, key) => domains.delete(key),
  });
  return {
    handlers: [
      domainHandler,
      dids.handler,
      trunkRoutes.handler,
      ...fleet.handlers,
      ...regions.handlers,
      users.handler,
      registrations.handler,
    ],
    dids,
    trunkRoutes,
    fleet,
    regions,
    users,
    registrations,
    domain: (name) => domains.get(name) ?? domains.get(name.toLowerCase()),
  };
}

function domainOf(row: DomainRow): RoutingDomain {
  return {
    name: row.key,
    tenant: row.tenant,
    enabled: row.enabled,
    plan: {
      country: row.country ?? undefined,
      areaCode: row.area_code ?? undefined,
      internationalPrefix: row.international_prefix,
    },
    node: row.node ?? undefined,
    dispatchSet: row.dispatch_set ?? undefined,
  };
}
