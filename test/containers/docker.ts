import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MINUTE_MS = 60_000;

export interface DockerOptions {
  timeoutMs?: number;
  cwd?: string;
  environment?: Readonly<Record<string, string>>;
}

/** Runs a `docker` command and gives what it printed. @throws Error with its last words when it fails */
export async function docker(
  words: readonly string[],
  { timeoutMs = MINUTE_MS, cwd, environment = {} }: DockerOptions = {},
): Promise<string> {
  try {
    const { stdout } = await run('docker', words, {
      cwd,
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
      // the older builder: BuildKit fetches its own front end from a registry
      env: { ...process.env, DOCKER_BUILDKIT: '0', ...environment },
    });
    return stdout.trim();
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`docker ${words.slice(0, 4).join(' ')} failed:\n${`${stdout}${stderr}`.slice(-4_000)}`);
  }
}

/** What a container wrote, standard output and standard error. */
export async function logsOf(container: string): Promise<string> {
  const { stdout, stderr } = await run('docker', ['logs', '--tail', '50', container]);
  return stdout + stderr;
}

/** Starts `docker import`, fed by a tar of a folder. */
export async function importFolder(folder: string, tag: string): Promise<void> {
  const tar = spawn('tar', ['-C', folder, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const child = spawn('docker', ['import', '-', tag], { stdio: ['pipe', 'ignore', 'inherit'] });
  tar.stdout.pipe(child.stdin);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`docker import ${tag} ended with ${code}`);
}
