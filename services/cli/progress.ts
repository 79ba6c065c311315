import type { OutputStreams } from './output.ts';

/** Shows how far a long command is. */
export interface Progress {
  show(done: number, total: number, words: string): void;
  /** Where nobody knows yet how many there will be. */
  count(done: number, words: string): void;
  /** Ends the line. */
  end(): void;
}

const WIDTH = 24;
const EVERY_MS = 100;

/** A bar on a terminal; nothing where the output is a file or a pipe, which should hold results only. */
export function createProgress(stream: OutputStreams['err'] & { isTTY?: boolean }): Progress {
  let shownAt = Number.NEGATIVE_INFINITY;
  const silent = () => undefined;
  if (stream.isTTY !== true) return { show: silent, count: silent, end: silent };
  return {
    count: (done, words) => {
      const now = performance.now();
      if (now - shownAt < EVERY_MS) return;
      shownAt = now;
      stream.write(`\r${done} ${words}\u001b[K`);
    },
    show: (done, total, words) => {
      const now = performance.now();
      if (now - shownAt < EVERY_MS && done < total) return;
      shownAt = now;
      const filled = total === 0 ? WIDTH : Math.floor((WIDTH * Math.min(done, total)) / total);
      const bar = '#'.repeat(filled).padEnd(WIDTH, '.');
      stream.write(`\r[${bar}] ${done} of ${total} ${words}\u001b[K`);
    },
    end: () => void stream.write('\n'),
  };
}
