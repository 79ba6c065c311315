import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../figure.ts';
import type { Watching } from './call-visibility.ts';

/** Resident memory (MB) of one process by the second, and the CPU time that it took. */
export interface Watched {
  name: string;
  megabytes: number[];
  /** of one core, 0 to 1 */
  cpu: number;
}

/** The kernel counts CPU time in hundredths of a second for whoever looks from outside. */
export const TICKS_A_SECOND = 100;
const SAMPLE_MS = 1_000;

/** Looks at processes until it is over. */
export async function watchProcesses(
  pids: ReadonlyMap<string, number>,
  watching: Watching,
): Promise<Watched[]> {
  const began = performance.now();
  const all = await Promise.all(
    [...pids].map(async ([name, pid]) => ({
      name,
      pid,
      megabytes: [] as number[],
      before: await readCpuSeconds(pid),
    })),
  );
  for (; !watching.isOver; await sleep(SAMPLE_MS)) {
    for (const { pid, megabytes } of all) megabytes.push(await readMegabytes(pid));
  }
  const seconds = (performance.now() - began) / 1000;
  const ends = await Promise.all(all.map(({ pid }) => readCpuSeconds(pid)));
  return all.map(({ name, megabytes, before }, at) => ({
    name,
    megabytes,
    cpu: ((ends[at] ?? before) - before) / seconds,
  }));
}

/** By how much it grew from the second quarter of the time to the last one: medians, as every collection shrinks it. */
export function growthOf(megabytes: readonly number[]): number {
  const quarter = Math.floor(megabytes.length / 4);
  return median(megabytes.slice(3 * quarter)) - median(megabytes.slice(quarter, 2 * quarter));
}

/** CPU time of all threads of a process, with that of its system calls. */
export async function readCpuSeconds(pid: number): Promise<number> {
  const [own] = await readTicks(pid);
  return own / TICKS_A_SECOND;
}

/** CPU time of a server that works in processes of its own: its own, its children's, and that of those which have ended. */
export async function readFamilyCpuSeconds(pid: number): Promise<number> {
  const [own, ended] = await readTicks(pid);
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
  const living = await Promise.all(children.map((child) => readTicks(Number(child)).catch(() => [0, 0])));
  return (own + ended + living.reduce((sum, [ticks = 0]) => sum + ticks, 0)) / TICKS_A_SECOND;
}

/** A process's own ticks, and those of its children that have ended. */
async function readTicks(pid: number): Promise<[own: number, ended: number]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  // the second field is a name in brackets that may hold anything
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return [Number(fields[11]) + Number(fields[12]), Number(fields[13]) + Number(fields[14])];
}

async function readMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
