import { createClock } from '../../libs/clock/clock.ts';
import { CdrLedger } from './simulator/cdr-ledger.ts';
import { type CdrDelivery, type CdrPost, CdrPoster } from './simulator/cdr-poster.ts';
import { Fleet } from './simulator/fleet.ts';
import { loadRecording } from './simulator/recording.ts';

/** CDRs of cloned calls that are being posted, evenly, as FreeSWITCH does it. */
export interface CdrLoad {
  ledger: CdrLedger;
  posts: readonly CdrPost[];
  /** how many will be posted */
  total: number;
  /** resolves when each is accepted, spooled or lost */
  finished: Promise<void>;
}

const LONGEST_CALL_US = 60_000_000;

/** Posts the CDRs of so many cloned calls (each leg once, as XML), `rate` a second. */
export function startCdrLoad(
  delivery: CdrDelivery,
  { calls, rate }: { calls: number; rate: number },
): CdrLoad {
  const fleet = new Fleet({ recording: loadRecording('run-01'), cores: 'fresh' });
  const { posts } = fleet.rehearse({ calls, cps: 100, untilUs: Date.now() * 1000 - LONGEST_CALL_US });
  const xml = posts.filter(({ format }) => format === 'xml');
  const clock = createClock();
  const ledger = new CdrLedger();
  const poster = new CdrPoster(delivery, ledger, clock);
  const finished = Promise.all(
    xml.map(async (post, at) => {
      await clock.sleep((at * 1000) / rate);
      await poster.deliver(post);
    }),
  );
  return { ledger, posts: xml, total: xml.length, finished: finished.then(() => undefined) };
}
