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
  const write = (line: string, isLast: boolean) => {
    const now = performance.now();
    if (now - shownAt < EVERY_MS && !isLast) return;
    shownAt = now;
    stream.write(`\r${line}\u001b[K`);
  };
  return {
    count: (done, words) => write(`${done} ${words}`, false),
    show: (done, total, words) => {
      const filled = total === 0 ? WIDTH : Math.floor((WIDTH * Math.min(done, total)) / total);
      const bar = '#'.repeat(filled).padEnd(WIDTH, '.');
      write(`[${bar}] ${done} of ${total} ${words}`, done >= total);
    },
    end: () => void stream.write('\n'),
  };
}
