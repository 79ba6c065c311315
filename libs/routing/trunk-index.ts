import { emptyTrie, type PrefixTrie, valueAt, withPrefix } from '../numbering/prefix-trie.ts';
import { SplitMap } from '../snapshot/split-map.ts';
import { handle, type TableHandler } from '../snapshot/table.ts';
import type { TrunkRoute } from './entities.ts';
import { scheduleOf } from './schedule.ts';
import { TRUNK_ROUTING, type TrunkRouteRow } from './tables/trunk-routes.ts';

export type TrunkRoutes = PrefixTrie<readonly TrunkRoute[]>;

/** The trunk routes: a shard for each domain and one for any domain. A change replaces one shard, sharing what stays. */
export interface TrunkIndex {
  readonly handler: TableHandler;
  readonly size: number;
  /** The shard of a domain; undefined: the routes of any domain. */
  of(domain: string | undefined): TrunkRoutes;
}

const NOBODY: TrunkRoutes = emptyTrie();

export function createTrunkIndex(): TrunkIndex {
  const shards = new SplitMap<TrunkRoutes>();
  let size = 0;

  function replace(domain: string | null, prefix: string, routes: readonly TrunkRoute[] | undefined): void {
    const shard = shards.get(domain ?? '') ?? NOBODY;
    const next = withPrefix(shard, prefix, routes);
    size += (routes?.length ?? 0) - (valueAt(shard, prefix)?.length ?? 0);
    if (next === NOBODY) shards.delete(domain ?? '');
    else shards.set(domain ?? '', next);
  }

  const put = (row: TrunkRouteRow) => {
    const present = valueAt(shards.get(row.domain ?? '') ?? NOBODY, row.key) ?? [];
    replace(row.domain, row.key, [...present.filter((route) => route.id !== row.id), routeOf(row)]);
  };
  return {
    handler: handle(TRUNK_ROUTING, {
      put,
      remove: (domain, prefix) => replace(domain, prefix, undefined),
    }),
    get size() {
      return size;
    },
    of: (domain) => shards.get(domain ?? '') ?? NOBODY,
  };
}

function routeOf(row: TrunkRouteRow): TrunkRoute {
  return {
    id: row.id,
    prefix: row.key,
    domain: row.domain ?? undefined,
    callerPrefix: row.caller_prefix,
    trunk: row.trunk,
    priority: row.priority,
    weight: row.weight,
    strip: row.strip,
    prepend: row.prepend,
    callerIdRewrite: row.caller_id_rewrite ?? undefined,
    costPerMinute: row.cost_per_minute === null ? undefined : Number(row.cost_per_minute),
    schedule: scheduleOf(row),
    active: row.active,
  };
}
