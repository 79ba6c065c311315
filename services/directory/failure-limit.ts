import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import type { App } from '../../libs/http/app.ts';
import { HttpError } from '../../libs/http/problem.ts';

/** Refusals that one address may earn in a minute. */
const MAX_FAILURES = 60;
const WINDOW_MS = 60_000;
/** Addresses that are counted at a time; the oldest are forgotten. */
const MAX_ADDRESSES = 10_000;

/**
 * Counts refusals by address: above the limit they are answered 429, so that guessing and flooding cost us and the log
 * little. Good credentials are never counted, and never locked out by somebody else behind the same address.
 */
export function createFailureLimit(app: App): (request: FastifyRequest) => Promise<void> {
  type Check = ReturnType<App['createRateLimit']>;
  let check: Check | undefined;
  app.register(rateLimit, { global: false, cache: MAX_ADDRESSES });
  app.after(() => {
    check = app.createRateLimit({ max: MAX_FAILURES, timeWindow: WINDOW_MS });
  });
  return async (request) => {
    const verdict = await check?.(request);
    if (verdict === undefined || verdict.isAllowed || !verdict.isExceeded) return;
    const retryAfter = verdict.ttlInSeconds;
    throw new HttpError(429, 'too-many-failures', 'too many refused requests', { retryAfter });
  };
}
