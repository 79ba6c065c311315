import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Logger } from '../../telemetry/logger.ts';

/** The last lines that a program printed: what an error message needs. */
export interface LastLines {
  /** the last lines, joined for one line of an error message */
  text(): string;
}

const KEPT = 12;
const LONGEST = 500;

/** Sends each line that a program prints to our log at level debug and keeps the last few. */
export function followOutput(child: ChildProcess, logger: Logger): LastLines {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      logger.debug({ line }, 'postgres');
      if (line.trim() === '') return;
      lines.push(line.trim().slice(0, LONGEST));
      if (lines.length > KEPT) lines.shift();
    });
  }
  return { text: () => lines.join(' | ') };
}
