import { readFile } from 'node:fs/promises';
import { readFamilyCpuSeconds } from '../calls/process-watch.ts';

/** The processes of a CDR's way, by what their command lines hold. */
const PROCESSES = {
  bare: 'cdr/bare-process.ts',
  cdr: 'services/cdr/main.ts',
  writer: 'services/writer/main.ts',
  broker: 'kafka.Kafka',
  postgres: 'bin/postgres',
} as const;

export type ProcessName = keyof typeof PROCESSES;

/** CPU seconds of those processes that this one started, since their beginning; a server's children count as the server. */
export async function readCpu(): Promise<Map<ProcessName, number>> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const seconds = new Map<ProcessName, number>();
  for (const pid of children.trim().split(' ').map(Number)) {
    const name = nameOf(await readFile(`/proc/${pid}/cmdline`, 'utf8'));
    if (name !== undefined) seconds.set(name, (seconds.get(name) ?? 0) + (await readFamilyCpuSeconds(pid)));
  }
  return seconds;
}

function nameOf(commandLine: string): ProcessName | undefined {
  const names = Object.keys(PROCESSES) as ProcessName[];
  return names.find((name) => commandLine.includes(PROCESSES[name]));
}
