import { CodedError } from '../../errors/coded-error.ts';

/**
 * The promise's result, or `bus-unavailable` after `ms` milliseconds. Real time and not the clock of the process: it
 * is the network that is waited for.
 */
export async function withTimeLimit<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The error that says Kafka did not do it, this time. */
export function unavailable(message: string, cause?: unknown): CodedError {
  return new CodedError('bus-unavailable', message, { cause });
}
