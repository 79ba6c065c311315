import { CodedError, messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from './stoppable.ts';

/**
 * npm and the terminal both pass Ctrl-C on, so one keypress arrives as two signals a few ms apart:
 * only a signal that comes later than this after the first one means "now, at once".
 */
const SAME_KEYPRESS_MS = 1_000;

/**
 * Runs a process until SIGINT, SIGTERM or SIGHUP: starts, waits, stops, exits 0. A start that fails prints one line and exits 1;
 * so does a stop that fails, and a second Ctrl-C. A signal during the start stops what it started; a start that then gives
 * up with the reason of its own signal exits 0 as well. From the signal to the end takes no longer than `graceMs`, whatever
 * the start or the stop waits for.
 */
export async function runProcess(
  start: (signal: AbortSignal) => Promise<Stoppable>,
  { graceMs = 30_000 } = {},
): Promise<void> {
  const signalled = nextSignal();
  const stopping = new AbortController();
  void signalled.then(() => stopping.abort());
  const late = () => fail('cannot stop', new CodedError('stop-timeout', `still running after ${graceMs} ms`));
  void signalled.then(() => setTimeout(late, graceMs));
  process.on('uncaughtException', (error) => fail('stopped by an unexpected error', error));
  const running = await start(stopping.signal).catch((error: unknown) => {
    if (stopping.signal.aborted && error === stopping.signal.reason) process.exit(0);
    return fail('cannot start', error);
  });
  await signalled;
  await running.stop().catch((error: unknown) => fail('cannot stop', error));
  process.exit(0);
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = () => {
      if (first !== undefined && performance.now() - first > SAME_KEYPRESS_MS) process.exit(1);
      first ??= performance.now();
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    // The terminal was closed. That may be told more than once, later than a keypress, and asks for no haste.
    process.on('SIGHUP', resolve);
  });
}

function fail(what: string, error: unknown): never {
  const code = error instanceof CodedError ? ` (${error.code})` : '';
  process.stderr.write(`switchfleet: ${what}: ${messageOf(error)}${code}\n`);
  if (!(error instanceof CodedError) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}
