import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { TestContext } from 'node:test';

type Call = 'link' | 'open' | 'readdir' | 'readFile' | 'rename' | 'stat';

/**
 * For this test, a call of the file system that does what `instead` says, by the paths that it is given; where that says
 * nothing, what it always does.
 */
export function interceptCall(
  t: TestContext,
  call: Call,
  instead: (...paths: string[]) => Promise<void> | void,
): void {
  const real = fs[call] as (...given: unknown[]) => Promise<unknown>;
  const intercepted = async (...given: unknown[]) => {
    await instead(...given.filter((each) => typeof each === 'string'));
    return real(...given);
  };
  t.mock.method(fs, call, intercepted as never);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

/** An error as the file system gives it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the disk says`), { code });
}
