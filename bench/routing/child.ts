import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Scope } from '../main/scope.ts';

/** A process of a bench that answers one question at a time. */
export interface Child {
  readonly pid: number;
  /** Sends a message and gives the next one that comes back. @throws Error when the process ends instead */
  ask<Answer>(message: unknown): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts `bench/routing/NAME`; it ends with the scope at the latest. */
export function startChild(scope: Scope, name: string, environment: Record<string, string> = {}): Child {
  const child = fork(join(import.meta.dirname, name), [], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const stop = () => end(child);
  scope.after(stop);
  return { pid: child.pid ?? 0, ask: (message) => ask(child, message), stop };
}

function ask<Answer>(child: ChildProcess, message: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (answer) => {
      child.off('exit', onExit);
      resolve(answer as Answer);
    });
    child.send(message as object);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exited;
  clearTimeout(timer);
}
