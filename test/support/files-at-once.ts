/** By which the runner tells how many files it runs at once. */
export const FILES_AT_ONCE = 'TEST_FILES_AT_ONCE';

/** How many test files share this machine: what is promised of a machine of one's own takes that many times as long. */
export function filesAtOnce(): number {
  return Number(process.env[FILES_AT_ONCE] ?? 1);
}
