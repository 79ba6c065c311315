import type { Resource } from '../resource/resource.ts';
import { DIDS } from './dids.ts';
import { DISPATCH_SETS } from './dispatch-sets.ts';
import { DOMAINS } from './domains.ts';
import { GROUPS } from './groups.ts';
import { NODES } from './nodes.ts';
import { PROXIES } from './proxies.ts';
import { CALLER_REGIONS, REGION_FALLBACKS } from './regions.ts';
import { TENANTS } from './tenants.ts';
import { TOKENS } from './tokens.ts';
import { TRUNK_ROUTES } from './trunk-routes.ts';
import { TRUNKS } from './trunks.ts';
import { USERS } from './users.ts';

/** Everything that people configure. */
export const RESOURCES: readonly Resource[] = [
  TENANTS,
  DOMAINS,
  USERS,
  GROUPS,
  DIDS,
  TRUNKS,
  TRUNK_ROUTES,
  NODES,
  PROXIES,
  DISPATCH_SETS,
  CALLER_REGIONS,
  REGION_FALLBACKS,
  TOKENS,
];
