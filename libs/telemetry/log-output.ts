import { writeSync, write as writeToFile } from 'node:fs';

/** A file, a pipe or a terminal that log lines go to, by its descriptor. */
export interface LogOutput {
  /** Takes a line; it is written soon. Lines that there is no room for are lost, and their number is told later. */
  write(line: string): void;
  /** Writes at once what waits, for a process that ends; gives up where that cannot be written. */
  flush(): void;
}

/** What waits while the output takes nothing. */
const WAITING_CHARACTERS = 1024 * 1024;
const RETRY_MS = 1_000;
/** A pipe is full: its reader is at it. */
const FULL_MS = 20;
/** So often it is waited for by a process that ends. */
const LAST_TRIES = 25;
const FULL = new Set(['EAGAIN', 'EBUSY']);

/**
 * Writes log lines and never fails: a log on a full disk, a terminal that was closed or a reader that is gone must end no service.
 * (pino's own output ends the process then, and keeps it from ending.) What cannot be written waits, and is tried again.
 */
export function createLogOutput(fd: number): LogOutput {
  let waiting: string[] = [];
  let characters = 0;
  let lost = 0;
  /** what is being written, or could not be */
  let rest: Buffer = Buffer.alloc(0);
  /** somebody will write what waits */
  let isWriting = false;
  /** the system has `rest` */
  let isUnderWay = false;

  function take(): Buffer {
    if (rest.length > 0) return rest;
    if (lost > 0 && waiting.length > 0) waiting.push(lostLine(lost));
    if (waiting.length > 0) lost = 0;
    rest = Buffer.from(waiting.join(''));
    waiting = [];
    characters = 0;
    return rest;
  }

  function next(): void {
    const bytes = take();
    isWriting = bytes.length > 0;
    isUnderWay = isWriting;
    if (!isWriting) return;
    writeToFile(fd, bytes, (error, written) => {
      isUnderWay = false;
      if (error === null) rest = bytes.subarray(written);
      if (error === null) return next();
      if (error.code === 'EPIPE') return stop();
      setTimeout(next, FULL.has(error.code ?? '') ? FULL_MS : RETRY_MS).unref();
    });
  }

  /** Nobody reads any more, and nobody will: `isWriting` stays. */
  function stop(): void {
    waiting = [];
    rest = Buffer.alloc(0);
    characters = Number.POSITIVE_INFINITY;
  }

  return {
    write: (line) => {
      if (characters + line.length > WAITING_CHARACTERS) {
        lost += 1;
        return;
      }
      waiting.push(line);
      characters += line.length;
      if (!isWriting) next();
    },
    flush: () => {
      if (isUnderWay) rest = Buffer.alloc(0);
      for (let bytes = take(), tries = 0; bytes.length > 0 && tries < LAST_TRIES; bytes = take()) {
        const written = writtenNow(fd, bytes);
        rest = bytes.subarray(written ?? 0);
        tries = written === undefined ? tries + 1 : 0;
      }
    },
  };
}

/** How many bytes went out; undefined when none could. */
function writtenNow(fd: number, bytes: Buffer): number | undefined {
  try {
    return writeSync(fd, bytes);
  } catch {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    return undefined;
  }
}

function lostLine(lost: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 40, time, lost, msg: 'log lines were lost: they could not be written' })}\n`;
}
