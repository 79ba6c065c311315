import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { childEnvironment } from './child-process.ts';

const MAIN = resolve(import.meta.dirname, '../../services/cli/main.ts');
const LIMIT_MS = 60_000;

export interface CommandOutcome {
  code: number | null;
  out: Buffer;
  err: string;
}

/** Runs `switchfleet ARGS` as a process of its own, with this environment and PATH only. */
export async function switchfleet(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...childEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
  });
  const [out, err, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: code as number | null, out, err };
}
