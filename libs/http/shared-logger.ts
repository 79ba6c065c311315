import type { Logger } from '../telemetry/logger.ts';

/**
 * The logger for an app whose requests have no logger of their own: a child with its request's number would cost a lookup
 * from memory as much as its answer, and a failure says its URL.
 */
export function sharedLogger(logger: Logger): Logger {
  const shared: Logger = Object.create(logger, { child: { value: () => shared } });
  return shared;
}
