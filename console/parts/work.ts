import { useState } from 'preact/hooks';
import { type Problem, toProblem } from '../api/problem.ts';

/** Something that somebody ordered: whether it is under way, and what went wrong. */
export interface Work {
  isBusy: boolean;
  problem: Problem | undefined;
  /** Does it; what it throws is the problem. */
  run: (todo: () => Promise<void>) => Promise<void>;
}

/** What a dialog orders. */
export function useWork(): Work {
  const [isBusy, setIsBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const run = async (todo: () => Promise<void>) => {
    setIsBusy(true);
    setProblem(undefined);
    await todo().catch((error: unknown) => setProblem(toProblem(error)));
    setIsBusy(false);
  };
  return { isBusy, problem, run };
}
