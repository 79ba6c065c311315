import type { Source } from './entities.ts';
import type { FleetIndex } from './fleet-index.ts';
import type { TrunkRow } from './tables/trunks.ts';

const SOME_TRUNK: Source = { kind: 'trunk', name: '' };

/** Who sent a request, of all who may have; where only the carrier is certain, a trunk without a name. */
export function soleSource(sources: readonly Source[]): Source | undefined {
  if (sources.length < 2) return sources[0];
  // Anything but trunks at one address: a guess would let a carrier in as one of our servers.
  return sources.every(({ kind }) => kind === 'trunk') ? SOME_TRUNK : undefined;
}

/** The trunks that a carrier's call may have come in by: those that are disabled only when all of them are. */
export function openTrunks(sources: readonly Source[], fleet: FleetIndex): readonly TrunkRow[] {
  const trunks = sources.flatMap(({ name }) => fleet.trunk(name) ?? []);
  const enabled = trunks.filter((trunk) => trunk.enabled);
  return enabled.length > 0 ? enabled : trunks;
}

/** Whose numbers the trunks reach; undefined: everybody's, because one of them is shared. */
export function tenantsOf(trunks: readonly TrunkRow[]): ReadonlySet<string> | undefined {
  const tenants = new Set<string>();
  for (const { tenant } of trunks) {
    if (tenant === null) return undefined;
    tenants.add(tenant);
  }
  return tenants;
}

/** The trunk that a tenant's call came in by: its own before a shared one; without a name where several are as likely. */
export function trunkFor(trunks: readonly TrunkRow[], tenant: string): Source {
  const own = trunks.filter((trunk) => trunk.tenant === tenant);
  const likely = own.length > 0 ? own : trunks.filter((trunk) => trunk.tenant === null);
  const [first] = likely;
  return first !== undefined && likely.length === 1 ? { kind: 'trunk', name: first.key } : SOME_TRUNK;
}

/** For an explanation. */
export function whoIs(sources: readonly Source[]): string {
  if (sources.length === 0) return 'is nobody of ours';
  return `is ${sources.map(({ kind, name }) => `${kind} ${name}`).join(' or ')}`;
}
