import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import type { App } from '../../../libs/http/app.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import { accessOf } from './access.ts';

const WINDOW_MS = 60_000;
/** Addresses, or tokens, that are counted at a time; the oldest are forgotten. */
const MAX_COUNTED = 10_000;

export interface RequestLimits {
  /** Counts a refused request by its address. @throws HttpError 429 `too-many-failures` */
  countFailure(request: FastifyRequest): Promise<void>;
  /** Counts a request by its token. @throws HttpError 429 `too-many-requests` */
  countRequest(request: FastifyRequest): Promise<void>;
}

type Check = ReturnType<App['createRateLimit']>;

/** Limits of a minute: `failures` of one address, `requests` of one token. Good tokens never suffer from an address's failures. */
export function createRequestLimits(
  app: App,
  { failures, requests }: { failures: number; requests: number },
): RequestLimits {
  let failureCheck: Check | undefined;
  let requestCheck: Check | undefined;
  app.register(rateLimit, { global: false, cache: MAX_COUNTED });
  app.after(() => {
    failureCheck = app.createRateLimit({ max: failures, timeWindow: WINDOW_MS });
    const keyGenerator = (request: FastifyRequest) => `token ${accessOf(request).tokenId ?? ''}`;
    requestCheck = app.createRateLimit({ max: requests, timeWindow: WINDOW_MS, keyGenerator });
  });
  return {
    countFailure: (request) =>
      refuseAbove(failureCheck, request, ['too-many-failures', 'too many refused requests']),
    countRequest: (request) =>
      refuseAbove(requestCheck, request, ['too-many-requests', `a token may ask ${requests} times a minute`]),
  };
}

async function refuseAbove(
  check: Check | undefined,
  request: FastifyRequest,
  [code, message]: readonly [code: string, message: string],
): Promise<void> {
  const verdict = await check?.(request);
  if (verdict === undefined || verdict.isAllowed || !verdict.isExceeded) return;
  throw new HttpError(429, code, message, { retryAfter: verdict.ttlInSeconds });
}
