/** A server that tests use: where it answers, how it came to be, how it ends. */
export interface TestServer {
  /** what a client is given: a connection string, or host:port words separated by commas */
  address: string;
  /** for a person: which link of the chain it is */
  origin: string;
  /** where kept data is found after the run */
  keptHint?: string;
  /** `keepData`: what a failed test left is to be looked at, where the server's data is ours to keep */
  stop(options?: { keepData: boolean }): Promise<void>;
}

/** One link of a chain: resolves to a server, or throws the reason why this machine cannot have it this way. */
export interface ServerSource {
  name: string;
  start(): Promise<TestServer>;
}

/**
 * The first source that works. @throws AggregateError with one reason a source when none does
 */
export async function firstServer(sources: readonly ServerSource[]): Promise<TestServer> {
  const reasons: Error[] = [];
  for (const source of sources) {
    try {
      return await source.start();
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      reasons.push(new Error(`${source.name}: ${text}`, { cause }));
    }
  }
  throw new AggregateError(reasons, reasons.map((reason) => reason.message).join('; '));
}

/** The promise's result, or an error that says what took longer than `ms` milliseconds. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
