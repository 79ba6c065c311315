import type { IncomingHttpHeaders } from 'node:http';
import type { PublishingBus } from '../../libs/bus/bus.ts';
import { codeOf } from '../../libs/errors/coded-error.ts';
import { type Outgoing, type PostedCdr, rejected } from '../../libs/freeswitch/cdr/posted-cdr.ts';
import { readBasic } from '../../libs/http/credentials.ts';
import { HttpError } from '../../libs/http/problem.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import type { CdrMetrics } from './cdr-metrics.ts';
import type { CheckCredentials, Poster } from './credential.ts';
import { type Gate, LARGE_BYTES } from './gate.ts';
import { patienceMs } from './patience.ts';
import { publishInTime, unavailable } from './publish.ts';

/** A post that was let in, between its headers and its answer. */
export interface Visit {
  readonly poster: Poster;
  /** lets it out, once */
  readonly leave: () => void;
  /** asks for room for so many more bytes, where its length was not told */
  readonly grow: ((bytes: number) => boolean) | undefined;
  /** its body came: whoever holds it now lets it out */
  handedOver: boolean;
}

/** What is answered when a post is durable: `reject` says why it could not be read. */
export interface Accepted {
  durable: true;
  uuid: string | null;
  reject: string | null;
}

/** The bus is known to be away, which takes no large body; or as much as may be is under way. */
export type NoRoom = 'bus-unavailable' | 'bus-overloaded';

export interface Intake {
  /** Who posts, by the headers. */
  posterOf(headers: IncomingHttpHeaders): ReturnType<CheckCredentials>;
  /** Room for the body of a post that may come, or why it need not come. */
  enter(poster: Poster, headers: IncomingHttpHeaders): Visit | NoRoom;
  /** Before the body is read: who is it, and is there room. @throws HttpError 401 `not-authorised`; 503 */
  letIn(headers: IncomingHttpHeaders): Visit;
  /** Before more of a body is held than there is room for. @throws HttpError 503, and the visit is over */
  grow(visit: Visit, bytes: number, total: number): void;
  /** To be called when the client is gone: its body may never have come. */
  depart(visit: Visit): void;
  /** Resolves when the post is durable. @throws HttpError 503 `bus-unavailable`, `bus-overloaded`, with Retry-After */
  accept(visit: Visit, post: Omit<PostedCdr, 'node'>): Promise<Accepted>;
}

/** Makes of a post what goes to the bus. */
export type ReadPost = (post: PostedCdr) => Outgoing | Promise<Outgoing>;

export interface IntakeOptions {
  bus: PublishingBus;
  check: CheckCredentials;
  gate: Gate;
  metrics: CdrMetrics;
  read: ReadPost;
  bodyLimit: number;
  /** whether the bus is known to be away */
  isBusAway: () => boolean;
}

/** What a body of which nobody told the length counts as until more of it has come. FreeSWITCH's CDRs have 10 to 60 kB. */
export const UNTOLD_BYTES = 64 * 1024;

/** What becomes of a post, whatever server reads it: who may, how many at once, parsed, published, counted. */
export function createIntake(options: IntakeOptions): Intake {
  const { bus, check, gate, metrics, read, bodyLimit, isBusAway } = options;

  function posterOf(headers: IncomingHttpHeaders) {
    const credentials = readBasic({ headers });
    return credentials === undefined ? 'wrong' : check(credentials);
  }

  function enter(poster: Poster, headers: IncomingHttpHeaders): Visit | NoRoom {
    if (headers['content-length'] === undefined) return enterGrowing(poster);
    const bytes = announcedBytes(headers, bodyLimit);
    // it would be sent for nothing, and be read for longer than FreeSWITCH shall wait
    if (bytes > LARGE_BYTES && isBusAway()) return 'bus-unavailable';
    const leave = gate.enter(bytes);
    return leave === undefined ? 'bus-overloaded' : { poster, leave, grow: undefined, handedOver: false };
  }

  function enterGrowing(poster: Poster): Visit | NoRoom {
    const growing = gate.enterGrowing(UNTOLD_BYTES);
    return growing === undefined ? 'bus-overloaded' : { poster, ...growing, handedOver: false };
  }

  function grow(visit: Visit, bytes: number, total: number): void {
    const isAway = total > LARGE_BYTES && isBusAway();
    if (!isAway && visit.grow?.(bytes)) return;
    visit.leave();
    throw refuse(isAway ? 'bus-unavailable' : 'bus-overloaded');
  }

  function refuse(why: NoRoom): HttpError {
    metrics.posted(outcomeOf(why), why === 'bus-overloaded' ? 'bound' : why);
    return unavailable(why, undefined);
  }

  function letIn(headers: IncomingHttpHeaders): Visit {
    const poster = posterOf(headers);
    if (poster === 'wrong') throw new HttpError(401, 'not-authorised', 'wrong or missing credentials');
    if (poster === 'unknown') {
      metrics.posted('unavailable', 'nodes-unknown');
      throw unavailable('nodes-unknown', undefined);
    }
    const visit = enter(poster, headers);
    if (typeof visit !== 'string') return visit;
    throw refuse(visit);
  }

  async function accept(visit: Visit, given: Omit<PostedCdr, 'node'>): Promise<Accepted> {
    const post: PostedCdr = Object.assign(given, { node: visit.poster.node });
    visit.handedOver = true;
    const outgoing = await readInto(visit, post);
    const limitMs = patienceMs(isBusAway() ? 0 : post.body.length);
    const published = await publish(visit, outgoing, limitMs).catch((error: unknown) => {
      if (codeOf(error) !== 'record-too-large') throw error;
      return publishBare(visit, post, limitMs);
    });
    return { durable: true, uuid: published.uuid, reject: published.reason ?? null };
  }

  async function publishBare(visit: Visit, post: PostedCdr, limitMs: number): Promise<Outgoing> {
    const reject = rejected(post, 'cdr-too-large', 'the record is too large for the bus');
    try {
      return await publish(visit, reject, limitMs);
    } catch (error) {
      if (codeOf(error) !== 'record-too-large') throw error;
      // somebody made both topics smaller than ours: FreeSWITCH keeps it until they are right again
      metrics.posted('unavailable', 'record-too-large');
      throw unavailable('bus-unavailable', error);
    }
  }

  async function readInto(visit: Visit, post: PostedCdr): Promise<Outgoing> {
    const beganMs = performance.now();
    const arrive = bus.announce?.(TOPICS.cdrs);
    try {
      return await read(post);
    } catch (error) {
      visit.leave();
      metrics.posted('unavailable', codeOf(error));
      throw error;
    } finally {
      arrive?.();
      metrics.parseSeconds(beganMs);
    }
  }

  async function publish(visit: Visit, outgoing: Outgoing, limitMs: number): Promise<Outgoing> {
    const beganMs = performance.now();
    try {
      await publishInTime({ bus, outgoing, limitMs, onSettled: visit.leave });
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'record-too-large') metrics.posted(outcomeOf(code), code);
      throw error;
    }
    metrics.publishSeconds(beganMs);
    metrics.durable(outgoing.node);
    metrics.posted(outgoing.reason === undefined ? 'accepted' : 'rejected', outgoing.reason ?? '');
    return outgoing;
  }

  const depart = (visit: Visit) => {
    if (!visit.handedOver) visit.leave();
  };
  return { posterOf, enter, letIn, grow, depart, accept };
}

function outcomeOf(code: string): string {
  return code === 'bus-overloaded' ? 'overloaded' : 'unavailable';
}

/** What a body counts as that is longer than it may be, too: it is not read. */
function announcedBytes(headers: IncomingHttpHeaders, limit: number): number {
  const announced = Number(headers['content-length']);
  return Number.isFinite(announced) ? Math.min(Math.max(announced, 0), limit) : limit;
}
