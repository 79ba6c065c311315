import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, toProblem } from './problem.ts';

/** Something asked of the api: what came last stays while it is asked again. */
export interface Resource<T> {
  data: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  /** somebody gave up on the answer */
  isCancelled: boolean;
  /** when `data` came, ms since 1970 */
  loadedAt: number | undefined;
  reload: () => void;
  /** gives up on an answer that takes too long */
  cancel: () => void;
}

interface State<T> {
  key: string;
  data: T | undefined;
  problem: Problem | undefined;
  isLoading: boolean;
  isCancelled: boolean;
  loadedAt: number | undefined;
}

const fresh = <T>(key: string): State<T> => ({
  key,
  data: undefined,
  problem: undefined,
  isLoading: true,
  isCancelled: false,
  loadedAt: undefined,
});

/** Asks when `key` changes, and again by `reload`. An answer to an older question is never shown. */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<State<T>>(() => fresh(key));
  const asking = useRef<AbortController>(undefined);
  const loader = useRef(load);
  loader.current = load;

  const reload = useCallback(() => {
    asking.current?.abort();
    const controller = new AbortController();
    asking.current = controller;
    const settle = (change: Partial<State<T>>) => {
      if (asking.current !== controller) return;
      setState((before) => ({ ...before, ...change, key, isLoading: false }));
    };
    setState((before) =>
      before.key === key ? { ...before, isLoading: true, isCancelled: false } : fresh(key),
    );
    loader.current(controller.signal).then(
      (data) => settle({ data, problem: undefined, loadedAt: Date.now() }),
      (error: unknown) => settle({ problem: toProblem(error) }),
    );
  }, [key]);

  const cancel = useCallback(() => {
    asking.current?.abort();
    asking.current = undefined;
    setState((before) => ({ ...before, isLoading: false, isCancelled: before.isLoading }));
  }, []);

  useEffect(() => {
    reload();
    return () => asking.current?.abort();
  }, [reload]);

  const shown = state.key === key ? state : fresh<T>(key);
  return { ...shown, reload, cancel };
}

/** Asks again every `ms` while the page is seen, and at once when it is seen again. */
export function usePolling(reload: () => void, ms: number): void {
  useEffect(() => {
    const tick = () => {
      if (document.visibilityState === 'visible') reload();
    };
    const timer = setInterval(tick, ms);
    document.addEventListener('visibilitychange', tick);
    window.addEventListener('online', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
      window.removeEventListener('online', tick);
    };
  }, [reload, ms]);
}
