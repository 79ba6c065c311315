import { CodedError, messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from './stoppable.ts';

/**
 * Runs a process until SIGINT or SIGTERM: starts, waits, stops, exits. A start that fails prints one line and exits 1;
 * a second signal, or a stop that takes longer than `graceMs`, exits at once with 1.
 */
export async function runProcess(start: () => Promise<Stoppable>, { graceMs = 30_000 } = {}): Promise<void> {
  let running: Stoppable | undefined;
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(
      () => fail(new CodedError('stop-timeout', `not stopped after ${graceMs} ms`)),
      graceMs,
    ).unref();
    try {
      await running?.stop();
      process.exit(0);
    } catch (error) {
      fail(error);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    running = await start();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  const code = error instanceof CodedError ? ` (${error.code})` : '';
  process.stderr.write(`switchfleet: ${messageOf(error)}${code}\n`);
  process.exit(1);
}
