import type { Pool } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { RegistrationEvent } from '../../libs/records/registration.ts';
import {
  endExpiredRegistrations,
  endRegistrations,
  logRegistrationChanges,
  writeRegistrations,
} from '../../libs/store/registration.sql.ts';

/** How long after its expiry a registration without any word of it is ended. */
const GRACE_US = 60_000_000;

/** Stores where users can be reached. What directory and routing must know (a node or contact that is new or gone) enters the change log. */
export async function applyRegistrations(pool: Pool, events: readonly RegistrationEvent[]): Promise<void> {
  if (events.length === 0) return;
  await transaction(
    pool,
    async (client) => {
      const changed = await writeRegistrations(
        client,
        events.filter(({ kind, contact }) => kind === 'register' && contact !== null),
      );
      const ended = await endRegistrations(
        client,
        events.filter(({ kind }) => kind !== 'register'),
      );
      await logRegistrationChanges(client, [...changed, ...ended]);
    },
    { retries: 5 },
  );
}

/** Ends registrations that nobody refreshed: their node may have been unreachable when they expired. */
export async function expireRegistrations(pool: Pool, nowUs: number): Promise<void> {
  await transaction(pool, async (client) => {
    await logRegistrationChanges(client, await endExpiredRegistrations(client, nowUs - GRACE_US));
  });
}
