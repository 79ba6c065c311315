import fc from '../properties.ts';

/** What happens in one call of a generated fleet. Every number is taken modulo what there is: any spec is a fleet. */
export interface CallSpec {
  kind: (typeof KINDS)[number];
  /** the server that the call reaches first; others follow by number */
  node: number;
  startMs: number;
  talkMs: number;
  isAnswered: boolean;
  /** which records tell of each leg, in turn */
  sources: readonly Source[];
  /** where a Call-ID crosses to another server: as it is, or masked behind a header of ours */
  isMasked: boolean;
  /** Call-IDs that several calls use, as hostile callers do; null: fresh ones */
  callIdPool: number | null;
}

export type Source =
  | 'events'
  | 'xml'
  | 'json'
  | 'events+xml'
  | 'events+json'
  | 'events+both'
  | 'history'
  | 'events+history'
  | 'xml+history';

/** How a server is lost: for good, to another process of its name, or only its connection, with all channels gone after. */
export interface CrashSpec {
  node: number;
  atMs: number;
  how: 'lost' | 'replaced' | 'resync';
}

export interface FleetSpec {
  nodes: number;
  calls: readonly CallSpec[];
  crashes: readonly CrashSpec[];
  /** in which the records come */
  order: { seed: number; isDoubled: boolean; batch: number; mergers: number };
}

export const KINDS = [
  'echo',
  'bridge',
  'chain',
  'fork',
  'ring',
  'blind-transfer',
  'attended-transfer',
  'conference',
] as const;

const SOURCES: readonly Source[] = [
  'events',
  'xml',
  'json',
  'events+xml',
  'events+json',
  'events+both',
  'history',
  'events+history',
  'xml+history',
];

const call: fc.Arbitrary<CallSpec> = fc.record({
  kind: fc.constantFrom(...KINDS),
  node: fc.nat(3),
  startMs: fc.nat(400_000),
  talkMs: fc.integer({ min: 1, max: 60_000 }),
  isAnswered: fc.boolean(),
  sources: fc.array(fc.constantFrom(...SOURCES), { minLength: 1, maxLength: 5 }),
  isMasked: fc.boolean(),
  callIdPool: fc.option(fc.nat(1), { freq: 4 }),
});

const crash: fc.Arbitrary<CrashSpec> = fc.record({
  node: fc.nat(3),
  atMs: fc.nat(420_000),
  how: fc.constantFrom('lost', 'replaced', 'resync'),
});

/** Fleets of one to four servers, with the calls they carried and how their records come to one to three mergers. */
export const anyFleet: fc.Arbitrary<FleetSpec> = fc.record({
  nodes: fc.integer({ min: 1, max: 4 }),
  calls: fc.array(call, { minLength: 1, maxLength: 5 }),
  crashes: fc.array(crash, { maxLength: 2 }),
  order: fc.record({
    seed: fc.nat(),
    isDoubled: fc.boolean(),
    batch: fc.integer({ min: 5, max: 60 }),
    mergers: fc.integer({ min: 1, max: 3 }),
  }),
});
