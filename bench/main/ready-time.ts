import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { FREE_PORTS } from '../../test/e2e/standalone.ts';
import { within } from '../../test/support/stack/test-server.ts';
import { throwAwayFolder } from './place.ts';
import { Scope } from './scope.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const READY_MS = 90_000;
const STOP_MS = 60_000;

/** Seconds from `npm start` on an empty data directory until it says that it is ready. */
export async function measureReady(): Promise<number> {
  const scope = new Scope();
  try {
    return await startOnce(await throwAwayFolder(scope));
  } finally {
    await scope.close();
  }
}

async function startOnce(dataDir: string): Promise<number> {
  const { PATH, HOME } = process.env;
  const began = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: { PATH, HOME, ...FREE_PORTS, DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, which gets a Ctrl-C as one does in a terminal.
    detached: true,
  });
  const exited = once(child, 'close');
  try {
    await within(READY_MS, 'npm start', untilReady(child.stdout));
    return (performance.now() - began) / 1000;
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await within(STOP_MS, 'Ctrl-C', exited);
  }
}

async function untilReady(output: NodeJS.ReadableStream): Promise<void> {
  let text = '';
  for await (const chunk of output) {
    text += String(chunk);
    if (/switchfleet is ready/.test(text)) {
      output.resume();
      return;
    }
  }
  throw new Error(`npm start ended before it was ready: ${text}`);
}
