import type { FleetRecords } from '../../libs/calls/fold-fleet.ts';
import type { Variables } from '../../libs/records/variables.ts';

const HEADER = 'sip_h_X-Call-Correlation-ID';

/** What the events say alone: no CDR was ever sent. */
export function eventsOnly(records: FleetRecords): FleetRecords {
  return { ...records, cdrs: [] };
}

/** What the CDRs say alone: no collector was there. */
export function cdrsOnly({ cdrs }: FleetRecords): FleetRecords {
  return { events: [], cdrs, nodeEvents: [] };
}

/** As if no proxy had set the correlation header, but on the legs in `kept`. */
export function withoutHeader(records: FleetRecords, kept: ReadonlySet<string> = new Set()): FleetRecords {
  return {
    ...records,
    events: records.events.map((event) =>
      kept.has(event.uuid) ? event : { ...event, variables: bare(event.variables) },
    ),
    cdrs: records.cdrs.map((record) =>
      kept.has(record.cdr.uuid) ? record : { ...record, leg_variables: bare(record.leg_variables) },
    ),
  };
}

function bare(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => name !== HEADER));
}
