import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';

/** What CDRs are imported from. */
export type ImportSource = 'folder' | '--csv' | '--postgres';

/** Options that say something of some sources only. */
const ONLY_WITH: Readonly<Record<string, readonly ImportSource[]>> = {
  delete: ['folder'],
  moveTo: ['folder'],
  watch: ['folder'],
  url: ['folder'],
  table: ['--postgres'],
  map: ['--csv', '--postgres'],
  node: ['--csv', '--postgres'],
  timeZone: ['--csv', '--postgres'],
};

/**
 * Refuses what was given and would be passed over: who says --delete, or names a service, counts on it.
 * @throws CodedError `value-refused`
 */
export function checkOptions(command: Command, source: ImportSource): void {
  for (const option of command.options) {
    const name = option.attributeName();
    const sources = ONLY_WITH[name];
    if (sources === undefined || sources.includes(source)) continue;
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const what = source === 'folder' ? 'a folder' : source;
    throw new CodedError('value-refused', `${option.long} says nothing of ${what}`);
  }
}
