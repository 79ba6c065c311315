import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import { type FleetNode, readFleet } from '../../../libs/provisioning/fleet.sql.ts';
import type { CommandContext } from '../command-context.ts';

const EVERY_MS = 500;
/** Figures that are older say nothing about calls: 0 sessions an hour ago is not an empty node. */
const FRESH_SECONDS = 60;

/**
 * Returns when the node's last call has ended, saying each change on the way.
 * @throws CodedError `not-found`, `drain-timeout`
 */
export async function waitUntilEmpty(
  { output }: CommandContext,
  pool: Pool,
  { switchname, timeoutMs }: { switchname: string; timeoutMs: number },
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let said: string | undefined;
  for (;;) {
    const node = (await readFleet(pool)).find((candidate) => candidate.switchname === switchname);
    if (node === undefined) throw new CodedError('not-found', `there is no node ${switchname}`);
    const sessions = sessionsOf(node);
    const line =
      sessions === undefined ? `${switchname} is not heard` : `${switchname} has ${sessions} sessions`;
    if (line !== said) output.result(line, { switchname, sessions: sessions ?? null });
    said = line;
    if (sessions === 0) return;
    if (performance.now() > deadline) {
      throw new CodedError(
        'drain-timeout',
        `${line} after ${Math.round(timeoutMs / 1000)} s; it goes on draining`,
      );
    }
    await sleep(EVERY_MS);
  }
}

function sessionsOf({ load, load_seconds: age }: FleetNode): number | undefined {
  return load === null || age === null || age > FRESH_SECONDS ? undefined : load.sessions;
}
