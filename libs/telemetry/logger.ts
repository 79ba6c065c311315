import { isMainThread } from 'node:worker_threads';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { createLogOutput, type LogOutput } from './log-output.ts';

export type { Logger };

export interface LoggerOptions {
  service: string;
  level: string;
  /** where lines go; standard output by default */
  destination?: { write(line: string): void };
}

/** Header and field names whose values never reach a log line. */
const REDACTED = [
  'password',
  'secret',
  'token',
  'ha1',
  '*.password',
  '*.secret',
  '*.token',
  '*.ha1',
  'req.headers.authorization',
  'headers.authorization',
];

/** The structured log of one service: JSON lines, UTC times, no secrets. */
export function createLogger({ service, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service },
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[secret]' },
  };
  return pino(options, destination ?? standardOutput());
}

const STANDARD_OUTPUT = 1;
let opened: LogOutput | undefined;

/** One for all loggers of a thread: their lines come in their order. */
function standardOutput(): LogOutput {
  if (opened === undefined) {
    // Opened as a stream, a pipe that is full refuses instead of waiting for its reader, who may never read again: no exit would end that.
    if (isMainThread) void process.stdout;
    opened = createLogOutput(STANDARD_OUTPUT);
    process.on('exit', opened.flush);
  }
  return opened;
}
