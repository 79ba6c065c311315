import { readFileSync } from 'node:fs';
import type { CallDetail } from '../../../console/api/contract.ts';
import type { Leg, LegEvent } from '../../../console/api/shapes.ts';

/** `cross-8122000-far-bye` of run 01 as the api shows it: a call over two servers, ended by the far one. */
export const CROSS: CallDetail = JSON.parse(
  readFileSync(new URL('../../fixtures/console/cross-8122000-far-bye.json', import.meta.url), 'utf8'),
);

/** A leg of which nothing is known but what is given. */
export function leg(fields: Partial<Leg> & Pick<Leg, 'uuid' | 'node'>): Leg {
  const unknown = {
    core_uuid: null,
    direction: 'inbound',
    state: 'ended',
    start_us: 0,
    progress_us: null,
    answer_us: null,
    end_us: null,
    duration: null,
    billsec: null,
    caller_id_name: null,
    caller_id_number: '100',
    destination_number: '200',
    domain: null,
    trunk: null,
    originator: null,
    sip_call_id: null,
    sip_status: null,
    hangup_cause: null,
    ended_by: 'hangup',
    is_interrupted: false,
    mos: null,
    recording_paths: [],
    proxy: null,
    accountcode: null,
    tenant: null,
    call_id: null,
    start_at: '1970-01-01T00:00:00.000000Z',
    answer_at: null,
    end_at: null,
  };
  return { ...unknown, ...fields };
}

/** A call of legs. */
export function call(legs: Leg[], fields: Partial<CallDetail> = {}): CallDetail {
  const nodes = [...new Set(legs.map(({ node }) => node))];
  return {
    ...CROSS,
    caller: '100',
    callee: '200',
    hangup_by: 'caller',
    timeline: [],
    ...fields,
    nodes,
    legs,
  };
}

/** An event of a leg. */
export function event(fields: Partial<LegEvent> & Pick<LegEvent, 'uuid' | 'node' | 'at_us'>): LegEvent {
  const unknown = { sequence: 0, event_name: 'CHANNEL_CREATE', event_subclass: null, headers: {} };
  return { at: '1970-01-01T00:00:00.000000Z', ...unknown, ...fields };
}
