import { createLogger, type Logger } from '../../../libs/telemetry/logger.ts';

/** A log whose lines a test can read. */
export interface TestLog {
  logger: Logger;
  lines: Record<string, unknown>[];
}

/** Makes a logger that keeps its lines, parsed. */
export function createTestLog(level = 'debug'): TestLog {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  return { logger: createLogger({ service: 'test', level, destination }), lines };
}
