import { integer, name, network } from '../resource/fields.ts';
import type { Resource } from '../resource/resource.ts';

const shared = {
  tag: 'fleet',
  tenant: 'fleet',
  read: { role: 'operator', tenant: 'fleet' },
  write: { role: 'operator', tenant: 'fleet' },
} as const;

/** Where callers are, by their address. */
export const CALLER_REGIONS: Resource = {
  ...shared,
  name: 'caller-regions',
  title: 'CallerRegion',
  words: ['caller region', 'caller regions'],
  table: 'caller_regions',
  key: [{ field: 'caller' }],
  fields: {
    caller: network({
      isRequired: true,
      isFixed: true,
      description: 'network of callers; the narrowest that fits counts',
    }),
    region: name({ isRequired: true, isFilter: true }),
  },
  search: ['caller', 'region'],
};

/** Which regions help out when one has no node left. */
export const REGION_FALLBACKS: Resource = {
  ...shared,
  name: 'region-fallbacks',
  title: 'RegionFallback',
  words: ['region fallback', 'region fallbacks'],
  table: 'region_fallbacks',
  key: [{ field: 'region' }, { field: 'fallback' }],
  fields: {
    region: name({ isRequired: true, isFixed: true, isFilter: true }),
    fallback: name({ isRequired: true, isFixed: true }),
    position: integer(
      { min: 0, max: 1000 },
      { default: 0, description: 'the lowest is asked first', sortType: 'integer' },
    ),
  },
};
