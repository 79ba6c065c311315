import type { PostedCdr } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import { createParser, type Parser, type ParserOptions } from './parser.ts';
import { unavailable } from './publish.ts';

export interface LaneOptions extends ParserOptions {
  /** how long the thread for large posts stays without one, ms; for tests */
  idleMs?: number;
}

/** FreeSWITCH's CDRs have 10 to 60 kB. Oddly written ones take half a millisecond a kB: what is larger would hold up many. */
const LARGE_BYTES = 128 * 1024;
/** A large document leaves a large heap behind, which goes with its thread. */
const IDLE_MS = 30_000;

/** A parser of two threads: one for nearly all posts, and one for large ones, which is there while there are some. */
export function createLanes({ idleMs = IDLE_MS, ...options }: LaneOptions): Parser {
  const usual = createParser(options);
  let large: Parser | undefined;
  let reading = 0;
  let idle: NodeJS.Timeout | undefined;
  let isStopped = false;

  function open(): Parser {
    const parser = createParser(options);
    parser.start().catch((error: unknown) => {
      options.logger.error({ err: error }, 'the thread that reads large CDRs did not start');
    });
    return parser;
  }

  async function close(): Promise<void> {
    clearTimeout(idle);
    const closing = large;
    large = undefined;
    await closing?.stop();
  }

  async function readLarge(post: PostedCdr) {
    if (isStopped) throw unavailable('parser-unavailable', undefined);
    large ??= open();
    clearTimeout(idle);
    reading += 1;
    try {
      return await large.read(post);
    } finally {
      reading -= 1;
      if (reading === 0 && !isStopped) idle = setTimeout(() => void close(), idleMs).unref();
    }
  }

  return {
    start: () => usual.start(),
    read: (post) => (post.body.length > LARGE_BYTES ? readLarge(post) : usual.read(post)),
    stop: async () => {
      isStopped = true;
      await Promise.all([usual.stop(), close()]);
    },
  };
}
