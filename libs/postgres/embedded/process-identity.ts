import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  pid: number;
  /** when it started, in the words of this system: only ever compared for equality */
  startedAt: string;
}

/** The identity of a running process; undefined when there is none (a zombie is none). */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startedAt = process.platform === 'linux' ? await linuxStart(pid) : await portableStart(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** Whether exactly this process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.startedAt === identity.startedAt;
}

/** Whether process `pid` works in `directory`, as a postmaster does in its data directory. */
export async function worksIn(pid: number, directory: string): Promise<boolean> {
  if (process.platform === 'linux') {
    try {
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(directory));
    } catch {
      return false;
    }
  }
  const command = await portableColumn(pid, 'command=');
  return command?.includes(directory) ?? false;
}

/** Boot id and start in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)); its name may hold spaces. */
async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()}/${fields[18]}`;
  } catch {
    return undefined;
  }
}

async function portableStart(pid: number): Promise<string | undefined> {
  return portableColumn(pid, 'lstart=');
}

async function portableColumn(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', column, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
