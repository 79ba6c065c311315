/** One field that the api refused, and why. */
export interface FieldProblem {
  field: string;
  reason: string;
}

/** What the api said instead of an answer (RFC 9457), or why there is none. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldProblem[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { errors?: FieldProblem[]; details?: Record<string, unknown> } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.errors = more.errors ?? [];
    this.details = more.details ?? {};
  }
}

/** Reads the body of a refused request. Whatever it is, a problem comes of it. */
export function readProblem(status: number, body: string): Problem {
  try {
    const { code, detail, errors, details } = JSON.parse(body);
    return new Problem(status, String(code), String(detail), { errors, details });
  } catch {
    return new Problem(status, 'answer-unreadable', `the api answered ${status}`);
  }
}

/** Any failure as a problem: a request that did not come through has the code `offline`, one that nobody answered `no-answer`. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Error && error.name === 'TimeoutError')
    return new Problem(0, 'no-answer', 'the api was asked, and did not answer in time');
  return new Problem(0, 'offline', 'the api cannot be reached');
}
