import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';
import { docker } from './docker.ts';

const run = promisify(execFile);
const FOLDER = resolve(import.meta.dirname, '../../.cache/containers/engine');
const READY_MS = 60_000;
const STOP_MS = 30_000;

/** A Docker engine that answers at DOCKER_HOST. */
export interface Engine {
  /** Ends it, when it is ours, and takes its images away. */
  stop(): Promise<void>;
}

/** The engine of this machine where there is one, else one of our own, as root. @throws Error when there can be none */
export async function openEngine(): Promise<Engine> {
  if (await answers()) return { stop: async () => undefined };
  return startEngine();
}

async function answers(): Promise<boolean> {
  return docker(['version', '--format', '{{.Server.Version}}']).then(
    () => true,
    () => false,
  );
}

async function startEngine(): Promise<Engine> {
  if (process.getuid?.() !== 0) throw new Error('there is no Docker engine, and only root can start one');
  const folder = `${FOLDER}-${process.pid}`;
  await mkdir(folder, { recursive: true });
  process.env['DOCKER_HOST'] = `unix://${folder}/socket`;
  const words = [
    '--data-root',
    `${folder}/data`,
    '--exec-root',
    `${folder}/exec`,
    '--pidfile',
    `${folder}/pid`,
  ];
  const driver = `--storage-driver=${await storageDriver()}`;
  const child = spawn('dockerd', [driver, '--host', process.env['DOCKER_HOST'], ...words], {
    stdio: 'ignore',
  });
  const failed = once(child, 'error').then(([error]) => {
    throw new Error('dockerd cannot be started: Debian has it in docker.io', { cause: error });
  });
  await Promise.race([failed, until('the Docker engine answers', answers, READY_MS)]);
  return {
    stop: async () => {
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(STOP_MS) });
      child.kill('SIGTERM');
      await ended;
      await releaseNetwork(`${folder}/exec/netns/default`);
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
    },
  };
}

/** An engine that ends leaves its network namespace mounted, and no folder with a mount in it can be removed. */
async function releaseNetwork(path: string): Promise<void> {
  const mounts = await readFile('/proc/mounts', 'utf8');
  if (mounts.includes(` ${path} `)) await run('umount', [path], { timeout: STOP_MS });
}

/** vfs works everywhere, but copies every file for every layer: ten times slower where overlays can be had. */
async function storageDriver(): Promise<'overlay2' | 'vfs'> {
  const known = await readFile('/proc/filesystems', 'utf8');
  return /\toverlay$/m.test(known) ? 'overlay2' : 'vfs';
}
