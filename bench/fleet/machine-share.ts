import { glob, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type pg from 'pg';
import { readCpuSeconds, readFamilyCpuSeconds, TICKS_A_SECOND } from '../calls/process-watch.ts';
import { type Figure, figure } from '../figure.ts';
import type { FleetPlace } from './place.ts';

const BROKERS = resolve(import.meta.dirname, '../../.cache/kafka/runs/*/server.pid');

/** CPU seconds so far of what is not ours to make cheap, and of the whole machine. */
type Spent = Record<'simulator' | 'askers' | 'kafka' | 'postgres' | 'machine', number>;

/** Begins to measure what else this machine works on; the result ends it and gives cores. */
export async function watchMachine(place: FleetPlace): Promise<() => Promise<Figure[]>> {
  const began = performance.now();
  const before = await readSpent(place);
  return async () => {
    const seconds = (performance.now() - began) / 1000;
    const after = await readSpent(place);
    return (Object.keys(before) as (keyof Spent)[]).map((name) =>
      figure(`fleet.cores.${name}`, (after[name] - before[name]) / seconds, 'cores', 'lower'),
    );
  };
}

async function readSpent({ client, askers }: FleetPlace): Promise<Spent> {
  const { directory, routing } = askers;
  return {
    simulator: await readCpuSeconds(process.pid),
    askers: (await readCpuSeconds(directory.pid)) + (await readCpuSeconds(routing.pid)),
    kafka: await readBrokers(),
    postgres: await readFamilyCpuSeconds(await readPostmaster(client)),
    machine: await readMachine(),
  };
}

async function readBrokers(): Promise<number> {
  let seconds = 0;
  for await (const file of glob(BROKERS))
    seconds += await readCpuSeconds(Number(await readFile(file, 'utf8')));
  return seconds;
}

/** The parent of the process that answers us. */
async function readPostmaster(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const status = await readFile(`/proc/${rows[0]?.pid}/status`, 'utf8');
  return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

/** All cores, whoever they worked for: user, nice, system, interrupts. */
async function readMachine(): Promise<number> {
  const [, user, nice, system, , , irq, softirq] = (await readFile('/proc/stat', 'utf8')).split(/\s+/);
  return [user, nice, system, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_A_SECOND;
}
