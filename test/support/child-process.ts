import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const living = new Set<ChildProcess>();

export interface ChildOptions {
  /** the file to run, from the root of the project */
  entry: string;
  args?: readonly string[];
  /** on top of PATH, HOME and where compiled modules are kept; nothing else of this process's environment is passed on */
  environment?: Readonly<Record<string, string>>;
}

/** A process of the product that a test started. */
export interface Child {
  readonly pid: number;
  /** everything it printed so far, standard output and standard error in the order they came */
  output(): string;
  /** Resolves with the match when the output has it. @throws Error with the output when it ends or the time is over first */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Sends SIGTERM (or another signal) and gives the exit code. @throws Error when it goes on for longer than the limit */
  stop(signal?: NodeJS.Signals, timeoutMs?: number): Promise<number | null>;
  /** Resolves with its exit code when it ends by itself. */
  ended(timeoutMs?: number): Promise<number | null>;
}

/** What a process of the product gets of this process's environment: where programs and compiled modules are. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE };
}

/** Starts a TypeScript file of the project on this Node. */
export function startChild({ entry, args = [], environment = {} }: ChildOptions): Child {
  const child = spawn(process.execPath, [resolve(ROOT, entry), ...args], {
    cwd: ROOT,
    env: { ...childEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const take = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  guard(child);
  const exited = once(child, 'close').then(() => {
    living.delete(child);
    return child.exitCode;
  });
  const describe = (what: string) => new Error(`${entry} ${what}; it printed:\n${output.slice(-4_000)}`);

  const ended = (timeoutMs = 30_000) =>
    within(exited, timeoutMs, () => describe(`still runs after ${timeoutMs} ms`));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    printed: (pattern, timeoutMs = 30_000) =>
      waitForOutput(child, () => pattern.exec(output), { timeoutMs, describe }),
    stop: (signal = 'SIGTERM', timeoutMs) => {
      child.kill(signal);
      return ended(timeoutMs);
    },
  };
}

/** Ends the child with this process: one listener for all of them. */
function guard(child: ChildProcess): void {
  if (living.size === 0) process.off('exit', killAll).once('exit', killAll);
  living.add(child);
}

function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

interface OutputWait {
  timeoutMs: number;
  describe: (what: string) => Error;
}

function waitForOutput(
  child: ChildProcess,
  find: () => RegExpExecArray | null,
  { timeoutMs, describe }: OutputWait,
): Promise<RegExpExecArray> {
  return new Promise((found, fail) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      child.off('close', onClose);
      child.stdout?.off('data', look);
      child.stderr?.off('data', look);
      settle();
    };
    const look = () => {
      const match = find();
      if (match !== null) finish(() => found(match));
    };
    const onClose = () => finish(() => fail(describe(`ended with ${child.exitCode ?? child.signalCode}`)));
    const timer = setTimeout(
      () => finish(() => fail(describe(`did not print it in ${timeoutMs} ms`))),
      timeoutMs,
    );
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', onClose);
    look();
  });
}

async function within<T>(promise: Promise<T>, ms: number, error: () => Error): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(error()), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
