import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export interface SippOptions {
  /** arguments of sipp, beside the local address */
  args: string[];
  address: string;
  port?: number;
}

/** A running sipp, in a folder of its own for what it writes. */
export interface Sipp {
  readonly pid: number;
  /** Resolves when it ended by itself: 0 when every call went as its scenario says. */
  readonly ended: Promise<{ code: number | null; output: string }>;
  stop(): Promise<void>;
}

export async function startSipp({ args, address, port = 5060 }: SippOptions): Promise<Sipp> {
  const folder = await mkdtemp(join(tmpdir(), 'sipp-'));
  const child = spawn('sipp', ['-i', address, '-p', String(port), '-nostdin', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', TERM: 'dumb' },
  });
  const ended = waitFor(child);
  return {
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function waitFor(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  const output = Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')));
  const [code] = await once(child, 'close');
  return { code: code as number | null, output: (await output).join('') };
}
