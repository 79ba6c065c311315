import type { Clock } from '../../libs/clock/clock.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import { applyWithoutPoison } from '../../libs/postgres/poison.ts';
import type { NodeEvent } from '../../libs/records/node-event.ts';
import type { NodeLoad } from '../../libs/records/node-load.ts';
import type { Registration, RegistrationEvent, RegistrationResync } from '../../libs/records/registration.ts';
import { TOPICS, type Topic } from '../../libs/records/topics.ts';
import { writeLoads } from '../../libs/store/node-status.sql.ts';
import type { LeaveOut } from './left-out.ts';
import { applyNodeEvents } from './node-events.ts';
import { applyRegistrations } from './registrations.ts';
import type { Said } from './said.ts';

/** Stores what a batch says of nodes; what cannot be stored is left out, and never holds up the rest. */
export interface NodeRecords {
  /** what became of nodes: before their legs are folded */
  storeFates(said: Said): Promise<void>;
  /** registrations and loads */
  storeRest(said: Said): Promise<void>;
}

export function createNodeRecords(
  pool: Pool,
  { clock, leaveOut }: { clock: Pick<Clock, 'nowUs'>; leaveOut: (topic: Topic) => LeaveOut },
): NodeRecords {
  const tell = (events: readonly NodeEvent[]) => applyNodeEvents(pool, events, clock.nowUs());
  const load = (loads: readonly NodeLoad[]) => writeLoads(pool, loads, clock.nowUs());
  const register = (records: readonly Registration[]) =>
    applyRegistrations(pool, records.filter(isOne), records.filter(isSet));

  return {
    storeFates: ({ nodeEvents }) => applyWithoutPoison(nodeEvents, tell, leaveOut(TOPICS.nodeEvents)),
    storeRest: async ({ registrations, registrationSets, loads }) => {
      const all = [...registrations, ...registrationSets];
      await applyWithoutPoison(all, register, leaveOut(TOPICS.registrations));
      await applyWithoutPoison(loads, load, leaveOut(TOPICS.load));
    },
  };
}

function isSet(record: Registration): record is RegistrationResync {
  return record.kind === 'resync';
}

function isOne(record: Registration): record is RegistrationEvent {
  return record.kind !== 'resync';
}
