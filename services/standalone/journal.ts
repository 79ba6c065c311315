import { fstatSync } from 'node:fs';

const STDOUT = 1;

/**
 * Whether what we print is kept by systemd's journal, which more people read than the data folder.
 * @param journalStream device and inode of the journal, `9:12345`, as systemd says in JOURNAL_STREAM (systemd.exec(5)): a
 *   shell below a service inherits it with another output, so that both are compared
 */
export function isJournal(
  journalStream: string | undefined,
  stdout: { dev: number; ino: number } = fstatSync(STDOUT),
): boolean {
  return journalStream === `${stdout.dev}:${stdout.ino}`;
}
