import type { NodeLoad } from '../../../libs/records/node-load.ts';
import { createLoadBoard, type LoadBoard } from '../../../libs/routing/load/load-board.ts';
import { createRoutingModel, type RoutingModel } from '../../../libs/routing/routing-model.ts';
import type { RoutingState } from '../../../libs/routing/routing-state.ts';

/** Rows by table; what a row does not say is taken from a usual one. */
export type LabRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** 2026-03-02 12:00 UTC, a Monday. */
export const NOON_US = Date.UTC(2026, 2, 2, 12) * 1000;

const USUAL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  domains: {
    tenant: 'default',
    enabled: true,
    country: 'DE',
    area_code: '30',
    international_prefix: '00',
    node: null,
    dispatch_set: null,
  },
  did_routing: {
    dest_type: 'extension',
    destination: '1001',
    priority: 0,
    active: true,
    time_zone: null,
    windows: null,
    fail_forward: null,
  },
  trunks: {
    domain: null,
    tenant: null,
    host: '192.0.2.50',
    port: 5060,
    transport: 'udp',
    registers_on: null,
    max_channels: null,
    max_cps: null,
    codecs: null,
    headers: {},
    is_emergency: false,
    enabled: true,
    inbound: [],
  },
  trunk_routing: {
    domain: null,
    key: '',
    caller_prefix: '',
    priority: 0,
    weight: 1,
    strip: 0,
    prepend: '',
    caller_id_rewrite: null,
    cost_per_minute: null,
    time_zone: null,
    windows: null,
    active: true,
  },
  nodes: {
    domain: null,
    esl_address: null,
    sip_uri: 'sip:192.0.2.10:5060',
    sip_profile: 'internal',
    region: null,
    max_sessions: null,
    state: 'active',
    http_password_hash: null,
  },
  dispatch_members: { domain: null, priority: 0, weight: 50 },
  dest_type_sets: { domain: null },
  caller_regions: { domain: null },
  region_fallbacks: { domain: null, position: 0 },
  proxies: { domain: null },
  users: { number_alias: null, enabled: true },
  registrations: { registered_us: '1' },
};

/** A routing model of a few rows; `key` is the key of the change log (domains take theirs from `domain`). */
export function routingModelOf(rows: LabRows): RoutingModel {
  const model = createRoutingModel();
  let id = 0;
  for (const { table, put } of model.handlers) {
    const complete = (rows[table.name] ?? []).map((row) => {
      id += 1;
      return { id: String(id), ...USUAL[table.name], key: row['domain'], user_id: row['key'], ...row };
    });
    put(complete as unknown as Parameters<typeof put>[0]);
  }
  return model;
}

/** A load record of a healthy node with 100 sessions at the most, heard just now. */
export function loadOf(node: string, load: Partial<NodeLoad> = {}): NodeLoad {
  return {
    v: 1,
    node,
    core_uuid: null,
    at_us: NOON_US,
    heartbeat_us: NOON_US,
    sessions: 0,
    max_sessions: 100,
    sessions_per_second: 0,
    max_sessions_per_second: 30,
    idle_cpu: 95,
    uptime_ms: null,
    version: null,
    sessions_total: null,
    sessions_peak: null,
    trunks: {},
    ...load,
  };
}

/** The board of a service that has listened for an hour, with a stale limit of 45 s. */
export function boardOf(loads: readonly NodeLoad[]): LoadBoard {
  const board = createLoadBoard({ staleMs: 45_000, nowUs: NOON_US - 3_600_000_000 });
  for (const load of loads) board.apply(load);
  return board;
}

export function stateOf(rows: LabRows, loads: readonly NodeLoad[] = []): RoutingState & { load: LoadBoard } {
  return { model: routingModelOf(rows), load: boardOf(loads), nowUs: NOON_US, seed: 'lab' };
}
