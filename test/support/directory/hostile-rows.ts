import type { SnapshotRow } from '../../../libs/snapshot/table.ts';
import { DEST_TYPES, type DestType } from '../../../libs/snapshot/tables/did-routing.ts';
import fc from '../properties.ts';
import { hostilePairs, hostileText } from './hostile.ts';
import { didRow, domainRow, gatewayRow, nodeRow, registrationRow, userRow } from './lab-model.ts';

/** Keys stay what is asked for; everything else of a row is hostile, as if the database's checks were not there. */
const KEPT = new Set(['domain', 'key', 'dest_type', 'registered_us', 'priority', 'registers_on']);

/** Columns whose check leaves no null. */
const ALWAYS = [
  'sip_profile',
  'host',
  'name',
  'tenant',
  'destination',
  'address',
  'esl_host',
  'user',
  'user_id',
  'state',
  'esl_allowed_events',
  'esl_allowed_api',
];

interface HostileOptions {
  /** the kinds of destination that the DID leads to */
  destTypes?: readonly DestType[];
  /** how many values of ten are hostile; the others are as they should be, so that there is an answer to spoil */
  tenths?: number;
}

/** A fleet in which anything that somebody may have written can be hostile. */
export function hostileFleet({ destTypes = DEST_TYPES, tenths = 10 }: HostileOptions = {}) {
  const row = <Row extends SnapshotRow>(usual: Row, kept: readonly string[] = []) =>
    hostileRow(usual, { kept, tenths });
  const one = <Row>(arbitrary: fc.Arbitrary<Row>) => fc.array(arbitrary, { minLength: 1, maxLength: 1 });
  return fc.record({
    domains: one(row(domainRow('lab.test'), ['dial_string', 'international_prefix'])),
    users: one(row(userRow('1001', 'lab.test'), ['ha1'])),
    groups: one(row({ domain: 'lab.test', key: 'sales', name: 'sales', params: null, variables: null })),
    group_members: fc.constant([{ domain: 'lab.test', key: 'sales', user: '1001', position: 0 }]),
    nodes: fc
      .tuple(row(nodeRow('fs01', '192.0.2.11')), row(nodeRow('fs02', '192.0.2.12')))
      .map((nodes) => [...nodes]),
    proxies: fc.array(row({ domain: null, key: 'edge', address: '192.0.2.5/32', sip_port: 5060 }), {
      maxLength: 1,
    }),
    trunks: fc.array(row(gatewayRow('carrier', 'fs01')), { maxLength: 1 }),
    did_routing: fc.constantFrom(...destTypes).chain((dest_type) => {
      const destination = dest_type === 'external' ? '+33123456789' : '1001';
      const fail_forward = '+33123456780';
      const did = didRow('+442071838750', 'lab.test', { dest_type, destination, fail_forward });
      return one(row(did, ['time_zone', 'windows']));
    }),
    registrations: fc.constantFrom([], [registrationRow('1001', 'lab.test', 'fs02')]),
  });
}

/** A row whose texts, lists and maps are hostile, as often as it is wished. */
function hostileRow<Row extends SnapshotRow>(
  row: Row,
  { kept, tenths }: { kept: readonly string[]; tenths: number },
): fc.Arbitrary<Row> {
  const arbitraries = Object.entries(row).map(([name, value]) => {
    const hostile = KEPT.has(name) || kept.includes(name) ? undefined : hostileValue(name, value);
    if (hostile === undefined) return [name, fc.constant(value)] as const;
    const either = fc.oneof(
      { weight: tenths, arbitrary: hostile },
      { weight: 10 - tenths, arbitrary: fc.constant(value) },
    );
    return [name, either] as const;
  });
  return fc.record(Object.fromEntries(arbitraries)) as fc.Arbitrary<Row>;
}

function hostileValue(name: string, value: unknown): fc.Arbitrary<unknown> | undefined {
  if (/params|variables|vm_settings/.test(name)) return hostilePairs;
  if (name === 'allowed_cidrs') return fc.array(hostileText, { maxLength: 3 });
  if (typeof value !== 'string' && value !== null) return undefined;
  return fc.option(hostileText, { nil: ALWAYS.includes(name) ? 'x' : null });
}
