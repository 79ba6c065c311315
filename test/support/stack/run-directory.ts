import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER = 'owner.pid';
const SERVER = 'server.pid';

/**
 * A fresh folder for one server of this process under `parent`, after removing those (and stopping the servers) whose
 * process is gone: what a guard that was killed too left behind.
 */
export async function openRunDirectory(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const name = `${process.pid}-${performance.now().toString(36).replace('.', '')}`;
  const draft = join(parent, `new-${name}`);
  const directory = join(parent, `run-${name}`);
  await mkdir(draft);
  await writeFile(join(draft, OWNER), String(process.pid));
  // Named only when its owner stands in it: another process's sweep takes a folder without one for left over.
  await rename(draft, directory);
  return directory;
}

/** Notes which process serves from the folder, for the sweep of a later run. */
export async function noteServer(directory: string, pid: number): Promise<void> {
  await writeFile(join(directory, SERVER), String(pid));
}

async function sweep(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith('run-'));
  for (const directory of names.map((name) => join(parent, name))) {
    if (isAlive(await readPid(join(directory, OWNER)))) continue;
    const server = await readPid(join(directory, SERVER));
    if (server !== undefined && (await mentions(server, directory))) process.kill(server, 'SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
}

async function readPid(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 1 ? pid : undefined;
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Process ids are used again: only a process whose command line names the folder is that server. */
async function mentions(pid: number, directory: string): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.includes(directory);
}
