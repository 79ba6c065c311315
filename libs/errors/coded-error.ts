/**
 * An error that a program can act on: `code` is stable and kebab-case (`did-not-found`), `message` is for a person,
 * `cause` keeps what went wrong underneath.
 */
export class CodedError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** the message without what is not for everybody */
  readonly publicMessage: string;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; details?: Record<string, unknown>; publicMessage?: string } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.details = options.details;
    this.publicMessage = options.publicMessage ?? message;
  }
}

/** The `code` of any error: ours, Node's (`ECONNREFUSED`), PostgreSQL's SQLSTATE, or `unknown`. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return 'unknown';
}

/** One line for a person: the error's message, then those of its causes. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}

/** What anybody may hear of it: a coded error's own words. Its causes, and foreign errors, name addresses and statements: those are for the log. */
export function publicMessageOf(error: unknown): string {
  return error instanceof CodedError ? error.publicMessage : 'no answer';
}
