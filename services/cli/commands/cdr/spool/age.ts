import type { Clock } from '../../../../../libs/clock/clock.ts';
import { factsOf, type SpooledFile } from './spooled-file.ts';

/** How long files have been as they are. */
export interface Ages {
  /** Notes all the files that lie in the folder; of others nothing is remembered. */
  seen(files: readonly SpooledFile[]): void;
  /** How long a file has been as it is, ms; one that says it is of the future, since it was seen first as it is. */
  ageMs(file: SpooledFile): number;
}

/** Makes the memory of one folder's files whose time is still to come: another machine's clock wrote them, or ours was put back. */
export function createAges(clock: Clock): Ages {
  let firstSeen = new Map<string, number>();
  const isOfFuture = ({ mtimeMs }: SpooledFile) => mtimeMs * 1000 > clock.nowUs();
  return {
    seen: (files) => {
      const nowUs = clock.nowUs();
      firstSeen = new Map(
        files.filter(isOfFuture).map((file) => {
          const facts = factsOf(file);
          return [facts, Math.min(firstSeen.get(facts) ?? nowUs, nowUs)];
        }),
      );
    },
    ageMs: (file) => {
      const nowMs = clock.nowUs() / 1000;
      if (!isOfFuture(file)) return nowMs - file.mtimeMs;
      return nowMs - (firstSeen.get(factsOf(file)) ?? clock.nowUs()) / 1000;
    },
  };
}
