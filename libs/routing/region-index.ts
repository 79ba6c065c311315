import { handle, type TableHandler } from '../snapshot/table.ts';
import { NetworkTable } from './network-table.ts';
import { splitAddress } from './source-index.ts';
import { CALLER_REGIONS, REGION_FALLBACKS, type RegionFallbackRow } from './tables/regions.ts';

/** Where callers are, and which regions serve them in which order. */
export interface RegionIndex {
  readonly handlers: readonly TableHandler[];
  /** The region of an address (`192.0.2.1` or `192.0.2.1:5060`). */
  of(address: string): string | undefined;
  /** 0 for the caller's own region, then its fallbacks in order; Infinity for all others. */
  rank(callerRegion: string, nodeRegion: string | null): number;
}

export function createRegionIndex(): RegionIndex {
  const networks = new Map<string, string>();
  const fallbacks = new Map<string, readonly RegionFallbackRow[]>();
  let table: NetworkTable<string> | undefined;

  function putFallback(row: RegionFallbackRow): void {
    const others = (fallbacks.get(row.key) ?? []).filter((other) => other.fallback !== row.fallback);
    fallbacks.set(
      row.key,
      [...others, row].sort((left, right) => left.position - right.position),
    );
  }

  function build(): NetworkTable<string> {
    const built = new NetworkTable<string>();
    for (const [network, region] of networks) built.set(network, region);
    return built;
  }

  return {
    handlers: [
      handle(CALLER_REGIONS, {
        put: (row) => {
          networks.set(row.key, row.region);
          table = undefined;
        },
        remove: (_domain, key) => {
          networks.delete(key);
          table = undefined;
        },
      }),
      handle(REGION_FALLBACKS, {
        put: putFallback,
        remove: (_domain, key) => fallbacks.delete(key),
      }),
    ],
    of: (address) => {
      if (networks.size === 0) return undefined;
      table ??= build();
      return table.get(splitAddress(address).host);
    },
    rank: (callerRegion, nodeRegion) => {
      if (nodeRegion === callerRegion) return 0;
      const place = fallbacks.get(callerRegion)?.findIndex(({ fallback }) => fallback === nodeRegion) ?? -1;
      return place < 0 ? Number.POSITIVE_INFINITY : place + 1;
    },
  };
}
