import type { SystemState } from '../api/contract.ts';
import { usePolling, useResource } from '../api/resource.ts';
import { mayDo, useSession } from '../session.ts';

/** How far what is shown is behind what happened: the consumer that is the furthest behind. */
export interface Pipeline {
  /** age of its oldest record */
  seconds: number;
}

const POLL_MS = 15_000;

/** Asks how far the consumers are behind; undefined for who may not know, and until it is known. */
export function usePipeline(): Pipeline | undefined {
  const { api, access } = useSession();
  const mayKnow = mayDo(access, 'operator', 'fleet');
  const resource = useResource(`pipeline ${mayKnow}`, async (signal) =>
    mayKnow ? furthest(await api.ask<SystemState>('/v1/system', { signal })) : undefined,
  );
  usePolling(resource.reload, POLL_MS);
  // what cannot be asked just now is not known any more
  return resource.problem === undefined ? resource.data : undefined;
}

function furthest({ consumers }: SystemState): Pipeline {
  return { seconds: Math.max(0, ...consumers.map(({ lag_seconds }) => lag_seconds)) };
}
