import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/problem.ts';

/** What is shown until something is there. */
export function Loading({ what = 'Loading' }: { what?: string }) {
  return (
    <div class="state" role="status" aria-busy="true">
      <span class="spinner" aria-hidden="true" />
      {what}…
    </div>
  );
}

/** There is nothing, and that is an answer. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

const TITLES: Readonly<Record<string, string>> = {
  offline: 'The api cannot be reached',
  'no-answer': 'There is no answer',
  'database-unavailable': 'The database is away',
  'search-timed-out': 'The search ran out of time',
  'role-too-low': 'Your role does not reach this',
  'fleet-only': "This is the whole fleet's",
};

/** What is wrong, in the form that was sent. */
export function ProblemLines({ problem: { message, errors } }: { problem: Problem }) {
  return (
    <div class="failure-line" role="alert">
      <p>{message}</p>
      {errors.length > 0 && (
        <ul>
          {errors.map(({ field, reason }) => (
            <li key={`${field} ${reason}`}>
              <code>{field}</code> {reason}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** There is no answer: why, and what can be done. */
export function Failure({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div class="state failure" role="alert">
      <p class="state-title">{TITLES[problem.code] ?? 'That did not work'}</p>
      <p>{problem.message}</p>
      {problem.errors.length > 0 && (
        <ul>
          {problem.errors.map(({ field, reason }) => (
            <li key={field}>
              <code>{field}</code> {reason}
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">
        {problem.status === 0 ? '' : `${problem.status} `}
        {problem.code}
      </p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
