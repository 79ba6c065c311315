import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Pool } from '../../../libs/postgres/database.ts';
import { listServiceStatus, type StoredServiceStatus } from '../../../libs/store/service-status.ts';
import type { CommandContext } from '../command-context.ts';
import { showFleet } from './fleet-table.ts';
import { type FleetPulse, readPulse } from './top.sql.ts';

const EVERY_MS = 2_000;
/** An instance that is silent for longer is gone; it is shown until then. */
const SHOWN_S = 300;
/** To the upper left corner, and clear from there. */
const HOME = '\u001b[H\u001b[J';

/** `switchfleet top [--once]`: calls, services and nodes as they are, every two seconds until Ctrl-C. */
export function defineTopCommand(program: Command, context: CommandContext): void {
  program
    .command('top')
    .description('the fleet live: calls, services, nodes')
    .option('--once', 'print it once')
    .action(({ once }: { once?: true }) =>
      context.withDatabase(({ write }) => (once ? show(context, write) : watch(context, write))),
    );
}

async function watch(context: CommandContext, pool: Pool): Promise<void> {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  while (!stopped.signal.aborted) {
    if (process.stdout.isTTY) process.stdout.write(HOME);
    await show(context, pool);
    await sleep(EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
  }
}

async function show(context: CommandContext, pool: Pool): Promise<void> {
  const { output } = context;
  const pulse = await readPulse(pool);
  output.result(`${pulseLine(pulse)}\n`, { ...pulse });
  output.table(
    ['service', 'instance', 'ready', 'lag', 'snapshot', 'heard', 'version'],
    await listServiceStatus(pool, SHOWN_S),
    toRow,
  );
  output.result('', { at: new Date().toISOString() });
  await showFleet(context, pool);
}

function pulseLine({ live, perMinute, asr, cdrs, rejects }: FleetPulse): string {
  const answered = asr === null ? '' : `, ${Math.round(asr * 100)} % answered`;
  return `${live} calls live; last minute: ${perMinute} calls ended${answered}, ${cdrs} CDRs; ${rejects} rejects to look at`;
}

function toRow({ lagSeconds, snapshotAgeSeconds, silentSeconds, health, ...status }: StoredServiceStatus) {
  const seconds = (value: number | null) => (value === null ? undefined : `${Math.round(value)} s`);
  return {
    service: status.service,
    instance: status.instance,
    ready: health.ready ? 'yes' : health.reasons.join('; '),
    lag: seconds(lagSeconds),
    snapshot: seconds(snapshotAgeSeconds),
    heard: `${seconds(silentSeconds)} ago`,
    version: status.version,
  };
}
