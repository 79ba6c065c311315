import type { Pool } from '../../libs/postgres/database.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { RegistrationEvent, RegistrationResync } from '../../libs/records/registration.ts';
import {
  type ChangedUser,
  endExpiredRegistrations,
  endRegistrations,
  endUnlistedRegistrations,
  logRegistrationChanges,
  writeRegistrations,
} from '../../libs/store/registration.sql.ts';

/** How long after its expiry a registration without any word of it is ended. */
const GRACE_US = 60_000_000;

/** Stores where users can be reached. What directory and routing must know (a node or contact that is new or gone) enters the change log. */
export async function applyRegistrations(
  pool: Pool,
  events: readonly RegistrationEvent[],
  sets: readonly RegistrationResync[],
): Promise<void> {
  if (events.length + sets.length === 0) return;
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
      const gone: ChangedUser[] = [];
      for (const set of sets) gone.push(...(await endUnlistedRegistrations(client, set)));
      await logRegistrationChanges(client, [...changed, ...ended, ...gone]);
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
