import type { PublishingBus } from '../../libs/bus/bus.ts';
import { codeOf } from '../../libs/errors/coded-error.ts';
import type { Outgoing } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import { HttpError } from '../../libs/http/problem.ts';

const RETRY_AFTER_S = 1;

interface PublishOptions {
  bus: PublishingBus;
  outgoing: Outgoing;
  /** how long until it is given up, ms */
  limitMs: number;
  /** called when the bus has taken or given up the record, which may be after the answer */
  onSettled: () => void;
}

/**
 * Publishes one record and resolves when it is durable. A record that became durable after we gave up is no harm:
 * FreeSWITCH posts it again, and storing is idempotent.
 * @throws HttpError 503 `bus-unavailable`, `bus-overloaded`, each with Retry-After; CodedError `record-too-large`
 */
export async function publishInTime({ bus, outgoing, limitMs, onSettled }: PublishOptions): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(unavailable('bus-unavailable', undefined)), limitMs);
  const published = bus.publish(outgoing.topic, [outgoing.record]).finally(onSettled);
  try {
    await Promise.race([published, late.promise]);
  } catch (error) {
    published.catch(() => undefined);
    const code = codeOf(error);
    if (code === 'record-too-large' || error instanceof HttpError) throw error;
    throw unavailable(code === 'bus-overloaded' ? code : 'bus-unavailable', error);
  } finally {
    clearTimeout(timer);
  }
}

/** Tells FreeSWITCH to keep the CDR and come again. */
export function unavailable(
  code: 'bus-unavailable' | 'bus-overloaded' | 'nodes-unknown' | 'parser-unavailable',
  cause: unknown,
): HttpError {
  return new HttpError(503, code, 'the CDR is not stored: post it again', {
    cause,
    retryAfter: RETRY_AFTER_S,
  });
}
