import type { ComponentChildren } from 'preact';
import type { Resource } from '../api/resource.ts';
import { formatSeconds } from '../time/duration.ts';
import { Failure, Loading } from './states.tsx';

/** What is shown of a resource: loading, an error, or its data, and above old data why there are no newer. */
export function ResourceView<T>({
  resource,
  what,
  children,
}: {
  resource: Resource<T>;
  what?: string;
  children: (data: T) => ComponentChildren;
}) {
  const { data, problem, loadedAt, reload } = resource;
  if (data === undefined) {
    if (problem !== undefined) return <Failure problem={problem} onRetry={reload} />;
    return <Loading {...(what === undefined ? {} : { what })} />;
  }
  return (
    <>
      {problem !== undefined && (
        <OldNumbers since={loadedAt ?? 0} reason={problem.message} onRetry={reload} />
      )}
      {children(data)}
    </>
  );
}

/** Says since when the numbers are old. */
export function OldNumbers({
  since,
  reason,
  onRetry,
}: {
  since: number;
  reason: string;
  onRetry: () => void;
}) {
  return (
    <p class="old-numbers" role="status">
      <strong>These numbers are {formatSeconds(Math.max(0, (Date.now() - since) / 1_000))} old:</strong>{' '}
      {reason}.{' '}
      <button type="button" class="plain" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}
