import type { Bus, DeliveredRecord } from '../../libs/bus/bus.ts';
import { type LegEvidence, noEvidence } from '../../libs/calls/evidence.ts';
import type { Clock } from '../../libs/clock/clock.ts';
import type { Config } from '../../libs/config/config.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { isoOf } from '../../libs/postgres/partition-range.ts';
import { applyWithoutPoison } from '../../libs/postgres/poison.ts';
import type { RetentionClock } from '../../libs/postgres/retention-clock.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { ChannelEvent } from '../../libs/records/channel-event.ts';
import { TOPICS } from '../../libs/records/topics.ts';
import { finishCalls, hastenCalls, type StoredCall } from '../../libs/store/call.sql.ts';
import { legsToJudge } from '../../libs/store/leg.sql.ts';
import { insertLegEvents } from '../../libs/store/leg-event.sql.ts';
import { loseCores } from '../../libs/store/node-fate.sql.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';
import { createQuestion } from '../../libs/telemetry/question.ts';
import { createSummedWarning } from '../../libs/telemetry/summed-warning.ts';
import { applyLegs } from './apply-legs.ts';
import { drain } from './drain.ts';
import { createKnownCalls } from './known-calls.ts';
import { lanesOf } from './lanes.ts';
import { createLeaveOut } from './left-out.ts';
import { gatherEvidence, legKey } from './leg-batch.ts';
import { liveCalls } from './live-calls.ts';
import { createLiveNews } from './live-news.ts';
import type { MergerMetrics } from './merger-metrics.ts';
import { foldUnnamedCores, liveNodes } from './node-events.ts';
import { createNodeRecords } from './node-records.ts';
import { readNumberingPlans } from './numbering-plans.sql.ts';
import { publishCalls } from './publish-calls.ts';
import { expireRegistrations } from './registrations.ts';
import { keptFromUs } from './retention.ts';
import { createReader, type Said } from './said.ts';
import { readTrust, type Surroundings } from './surroundings.ts';

export interface MergerDependencies {
  config: Pick<Config, 'CALL_GRACE_MS' | 'NODE_LOST_MS' | 'CALL_RETENTION_MONTHS' | 'CORRELATION_HEADER'>;
  clock: Clock;
  /** by which legs are past their retention, and registrations expire */
  retentionClock: RetentionClock;
  logger: Logger;
  metrics: MergerMetrics;
  bus: Bus;
  database: Database;
}

/** One merger: batches of the bus in, legs and calls out. Several may work on one database at once. */
export interface Merger {
  /** Applies a batch; when it resolves everything is committed. Rejects when the database is away. */
  apply(batch: readonly DeliveredRecord[]): Promise<void>;
  /** Does what time brings: lost nodes, legs to judge again, calls to finish and to publish. */
  tick(): Promise<void>;
  /** Reads which addresses are ours. */
  refresh(): Promise<void>;
}

const JUDGE_BATCH = 500;
const FINISH_BATCH = 1_000;
/** How old the countries of domains may be by which calls are counted as international, milliseconds. */
const PLANS_MS = 60_000;
/** A batch names the rows that it wants: plans that were made while tables were empty are kept, and must not read all. See libs/store/leg.sql.ts. */
const BY_INDEX = { enable_seqscan: 'off' };
/**
 * On the PostgreSQL bus a batch need not wait for the disk: its offsets are committed afterwards, to the same log, and are
 * durable only with everything before them. After a crash without them the batch comes again. Kafka keeps offsets itself.
 */
const COMMIT_LATER = { synchronous_commit: 'off' };
/** Clocks of mergers are no further apart; a call that waits for longer was stored before a clock was set back. */
const CLOCKS_APART_US = 60_000_000;
/** Parts of a batch that are applied side by side: PostgreSQL works on one while we fold the other. */
const LANES = 2;

export function createMerger(dependencies: MergerDependencies): Merger {
  const { config, clock, retentionClock, logger, metrics, bus, database } = dependencies;
  const warnOfExpired = createSummedWarning({
    logger,
    message: 'records are of legs that began before what is kept, and are left out',
  });
  const read = createReader();
  const pool = database.write;
  const settings = { ...BY_INDEX, ...(bus.kind === 'postgres' ? COMMIT_LATER : {}) };
  const numberingPlans = createQuestion(() => readNumberingPlans(pool), { freshMs: PLANS_MS });
  const news = createLiveNews({ bus, metrics, logger });
  const known = createKnownCalls();
  const leaveOut = createLeaveOut({ metrics, logger });
  const nodes = createNodeRecords(pool, { clock, leaveOut });
  let surroundings: Surroundings = { trust: { isKnownPeer: () => false } };

  const onRetry = () => metrics.retries.inc();

  async function fold(said: LegEvidence[], events: readonly ChannelEvent[]): Promise<void> {
    const byLeg = Map.groupBy(events, ({ uuid }) => uuid);
    const spoken = new Set(said.map(({ uuid }) => uuid));
    const timelines = events.filter(({ uuid }) => !spoken.has(uuid));
    const store = async (legs: readonly LegEvidence[], others: readonly ChannelEvent[]) => {
      const uuids = new Set(legs.map(({ uuid }) => uuid));
      await storeLegs(legs, [...[...uuids].flatMap((uuid) => byLeg.get(uuid) ?? []), ...others]);
    };
    await allDone([
      ...lanesOf(said, LANES, known.callOf).map((lane) =>
        applyWithoutPoison(lane, (legs) => store(legs, []), setAside),
      ),
      ...(timelines.length > 0 ? [store([], timelines)] : []),
    ]);
  }

  async function storeLegs(legs: readonly LegEvidence[], events: readonly ChannelEvent[]): Promise<void> {
    const options = {
      surroundings,
      metrics,
      nowUs: clock.nowUs(),
      graceMs: config.CALL_GRACE_MS,
      nodeLostMs: config.NODE_LOST_MS,
    };
    const said = new Map(legs.map((evidence) => [legKey(evidence), evidence]));
    const applied = transaction(pool, (client) => applyLegs(client, said, options), {
      retries: 5,
      settings,
      onRetry,
    });
    // A timeline stands for itself, each event once: it needs neither the legs' transaction nor its locks.
    await allDone([applied, ...(events.length > 0 ? [storeEvents(events)] : [])]);
    const changed = await applied;
    known.tell(changed);
    news.tell(liveCalls(changed, options.nowUs).map((live) => ({ key: live.call_id, live })));
  }

  async function storeEvents(events: readonly ChannelEvent[]): Promise<void> {
    const store = async (part: readonly ChannelEvent[]) => {
      await transaction(pool, (client) => insertLegEvents(client, part), { retries: 5, settings, onRetry });
    };
    await applyWithoutPoison(events, store, leaveOut(TOPICS.channelEvents));
  }

  /** What cannot be stored must not hold up the rest: its CDR is in table cdr, and its records are in the bus for a while. */
  async function setAside({ uuid, node }: LegEvidence, error: unknown): Promise<void> {
    metrics.records.inc({ topic: 'all', outcome: 'unstorable' });
    logger.error({ err: error, uuid, node }, 'what was said of a leg cannot be stored and is left out');
  }

  async function applySaid(said: Said): Promise<void> {
    await nodes.storeFates(said);
    const fromUs = keptFromUs(await retentionClock.nowUs(), config.CALL_RETENTION_MONTHS);
    const options = { correlationHeader: config.CORRELATION_HEADER, fromUs };
    const { evidence, expired } = gatherEvidence(said, options);
    metrics.records.inc({ topic: 'all', outcome: 'expired' }, expired);
    if (expired > 0) warnOfExpired({ records: expired }, { kept_from: isoOf(fromUs) });
    await fold([...evidence.values()], said.events);
    await nodes.storeRest(said);
    if (said.nodeEvents.length > 0) await judge();
    news.tell(liveNodes(said.nodeEvents).map((live) => ({ key: live.node, live })));
  }

  /** Folds legs again that were folded without what is known of their node by now. */
  async function judge(): Promise<void> {
    await drain(async () => {
      const legs = await legsToJudge(pool, JUDGE_BATCH);
      await fold(legs.map(noEvidence), []);
      return legs.length;
    }, JUDGE_BATCH);
  }

  async function hasten(): Promise<void> {
    const nowUs = clock.nowUs();
    const latestUs = nowUs + config.CALL_GRACE_MS * 1000 + CLOCKS_APART_US;
    await transaction(pool, (client) => hastenCalls(client, { nowUs, latestUs }), { settings });
  }

  async function finish(): Promise<void> {
    const step = () =>
      transaction(pool, (client) => finishCalls(client, clock.nowUs(), FINISH_BATCH), { settings });
    const finished = await drain(step, FINISH_BATCH);
    metrics.calls.inc({ what: 'finished' }, finished);
  }

  async function countFinished(calls: readonly StoredCall[]): Promise<void> {
    if (calls.length === 0) return;
    const plans = await numberingPlans();
    metrics.countCalls(calls, (domain) => plans?.get(domain));
  }

  const publishing = {
    onFinished: countFinished,
    onLeftOut: (id: string, error: unknown) => {
      metrics.records.inc({ topic: TOPICS.calls, outcome: 'unpublishable' });
      logger.error({ err: error, call: id }, 'a call cannot be published and is left out');
    },
  };

  async function refresh(): Promise<void> {
    surroundings = { trust: await readTrust(pool) };
  }

  return {
    refresh,
    apply: async (batch) => {
      const stop = metrics.batchSeconds.startTimer();
      // One batch's news are held at the most.
      const told = news.settled();
      const said = read(batch);
      count(said, metrics);
      for (const { topic, key } of said.unreadable)
        logger.warn({ topic, key }, 'not a record of its topic: left out');
      await applySaid(said);
      await told;
      stop();
    },
    tick: async () => {
      await foldUnnamedCores(pool, BY_INDEX);
      await loseCores(pool, clock.nowUs() - config.NODE_LOST_MS * 1000);
      await judge();
      await hasten();
      await finish();
      metrics.calls.inc({ what: 'published' }, await publishCalls(pool, bus, publishing));
      await expireRegistrations(pool, await retentionClock.nowUs());
    },
  };
}

/** Waits for all, also when one fails: what comes again must not meet itself. */
async function allDone(works: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function count(said: Said, { records }: MergerMetrics): void {
  records.inc({ topic: TOPICS.channelEvents, outcome: 'read' }, said.events.length);
  records.inc({ topic: TOPICS.cdrs, outcome: 'read' }, said.cdrs.length);
  records.inc({ topic: TOPICS.nodeEvents, outcome: 'read' }, said.nodeEvents.length);
  records.inc(
    { topic: TOPICS.registrations, outcome: 'read' },
    said.registrations.length + said.registrationSets.length,
  );
  records.inc({ topic: TOPICS.load, outcome: 'read' }, said.loads.length);
  records.inc({ topic: 'all', outcome: 'unreadable' }, said.unreadable.length);
}
