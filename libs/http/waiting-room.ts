import type { Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { type App, createApp } from './app.ts';
import { type ListenOptions, listen } from './listen.ts';
import { HttpError } from './problem.ts';

export interface WaitingRoomOptions extends ListenOptions {
  service: string;
  logger: Logger;
  /** what the service waits for now */
  reason: () => string;
}

const RETRY_AFTER_S = 2;

/**
 * Listens in the place of a service that cannot start yet: alive, not ready with the reason, `/metrics` of its own (two apps
 * cannot share a registry), and 503 `starting` to whatever else is asked. To be closed before the service listens.
 * @throws what `listen` throws
 */
export async function openWaitingRoom({
  service,
  logger,
  reason,
  ...place
}: WaitingRoomOptions): Promise<App> {
  const metrics = createMetrics(service);
  const app = createApp({ logger, metrics, health: () => ({ ready: false, reasons: [reason()] }) });
  app.addHook('onRequest', async ({ routeOptions }) => {
    // a path that is here has a route
    if (routeOptions.url !== undefined) return;
    throw new HttpError(503, 'starting', `${service} starts: ${reason()}`, { retryAfter: RETRY_AFTER_S });
  });
  await listen(app, place);
  return app;
}
