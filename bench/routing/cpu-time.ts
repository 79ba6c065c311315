import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second (`getconf CLK_TCK`). */
const TICK_US = 10_000;

interface ProcessTimes {
  parent: number;
  /** own and of children that ended, µs */
  us: number;
}

/** CPU time of processes and everything below them, user and system, in microseconds. */
export async function cpuTimeUs(roots: readonly number[]): Promise<number> {
  const processes = await readProcesses();
  const members = new Set(roots);
  // Parents have lower numbers but for wrap-arounds; a second pass would only matter there.
  for (const [pid, { parent }] of [...processes].sort(([left], [right]) => left - right)) {
    if (members.has(parent)) members.add(pid);
  }
  return [...members].reduce((sum, pid) => sum + (processes.get(pid)?.us ?? 0), 0);
}

async function readProcesses(): Promise<Map<number, ProcessTimes>> {
  const processes = new Map<number, ProcessTimes>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    const fields = stat
      ?.slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (fields === undefined) continue;
    const [, parent = 0, , , , , , , , , , user = 0, system = 0, deadUser = 0, deadSystem = 0] = fields;
    processes.set(Number(name), { parent, us: (user + system + deadUser + deadSystem) * TICK_US });
  }
  return processes;
}
