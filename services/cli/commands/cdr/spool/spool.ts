import type { Disposal } from './disposal.ts';
import { type Journal, openJournal } from './journal.ts';
import type { SpoolImportOptions } from './spool-import.ts';

/** A folder of spooled CDRs, and what becomes of its files. */
export interface Spool {
  folder: string;
  disposal: Disposal;
}

/** The journal of a folder for one service, kept in it as the file `name`. */
export async function journalOf({ folder, disposal }: Spool, url: URL, name: string): Promise<Journal> {
  const isLeaving = disposal.kind === 'leave';
  const onReadOnly = () => {
    process.stderr.write(
      `switchfleet: ${folder} cannot be written to: the next run looks at all its files again\n`,
    );
  };
  return openJournal({ folder, name, url, isLeaving, onReadOnly });
}

/** Says once of each file why it stays: one is met again at every look. */
export function tellOnce(): SpoolImportOptions['onLeft'] {
  const told = new Set<string>();
  return ({ name }, why) => {
    const line = `${name} stays where it is: ${why}`;
    if (told.has(line)) return;
    told.add(line);
    process.stderr.write(`switchfleet: ${line}\n`);
  };
}
