import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { CodedError, messageOf } from '../../errors/coded-error.ts';
import { transaction } from '../../postgres/transaction.ts';
import type { Topic } from '../../records/topics.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type GroupMember, planShare } from './assignment.ts';
import {
  type Claim,
  commitOffsets,
  lockGroup,
  type Position,
  readPositions,
  registerGroup,
  releasePartitions,
  removeMember,
  renewMember,
  takePartitions,
} from './group.sql.ts';
import { GROUP_NEWS } from './limits.ts';
import type { Cursor } from './log.sql.ts';
import type { BusMetrics } from './metrics.ts';
import type { News } from './news.ts';

/** A partition that this member holds. `nextOffset` is the first one that is not committed. */
export interface Lease extends Cursor {
  readonly generation: bigint;
  /** false when another member has it, or when it was given up */
  isHeld: boolean;
  /** more than our share: given up when the batch in hand is done */
  isLeaving: boolean;
}

export interface MembershipOptions {
  pool: Pool;
  group: string;
  topics: readonly Topic[];
  /** a member that is silent for this long loses its partitions */
  sessionMs: number;
  news: News;
  metrics: BusMetrics;
  logger: Logger;
  /** called when partitions came: there may be something to read */
  onAcquired: () => void;
}

export interface Membership {
  /** What may be read now. */
  leases(): Lease[];
  /**
   * Moves leases to new offsets, those that are still held even when others are not.
   * @throws CodedError `lease-lost`, with `details.partitions`: they were taken over, nothing of them was committed
   */
  commit(progress: ReadonlyMap<Lease, bigint>): Promise<void>;
  /** Gives up what is more than our share; to be called between batches. */
  giveUp(): Promise<void>;
  /** Gives up everything and says goodbye. */
  leave(): Promise<void>;
}

/** Joins a group and keeps a fair share of its partitions for as long as it does not leave. Resolves after a first attempt. */
export async function joinGroup(options: MembershipOptions): Promise<Membership> {
  const { pool, group, topics, sessionMs, news, metrics, logger } = options;
  const me: GroupMember & { sessionMs: number } = { member_id: randomUUID(), topics, sessionMs };
  let leases: Lease[] = [];
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;
  let isStale = false;
  let isOver = false;

  const claimOf = (lease: Lease): Claim => ({ ...lease });

  function drop(lost: readonly Lease[]): void {
    for (const lease of lost) lease.isHeld = false;
    leases = leases.filter((lease) => lease.isHeld);
  }

  /** Renews the session, finds what was lost, takes what is free and due, marks what is too much. */
  async function renew(): Promise<void> {
    const taken = await transaction(pool, async (client) => {
      await lockGroup(client, group);
      const members = await renewMember(client, group, me);
      const positions = await readOrRegister(client);
      drop(leases.filter((lease) => !positions.some((position) => matches(lease, position, me.member_id))));
      const isHeld = (holding: Position) => leases.some((lease) => matches(lease, holding, me.member_id));
      const plan = planShare(me, members, { holdings: positions, isHeld });
      for (const lease of leases) {
        lease.isLeaving = plan.release.some((position) => matches(lease, position, me.member_id));
      }
      if (plan.acquire.length === 0) return [];
      return takePartitions(client, group, { memberId: me.member_id, positions: plan.acquire });
    });
    if (taken.length > 0) onTaken(await nameTopics(taken));
    if (leases.some((lease) => lease.isLeaving)) options.onAcquired();
  }

  let topicNames = new Map<number, Topic>();

  async function readOrRegister(client: Parameters<typeof readPositions>[0]): Promise<Position[]> {
    if (topicNames.size === 0) {
      await registerGroup(client, group, topics);
      metrics.rejoins.inc({ group });
    }
    const positions = await readPositions(client, group, topics);
    topicNames = new Map(positions.map((position) => [position.topic_id, position.topic]));
    return positions;
  }

  async function nameTopics(claims: readonly Claim[]): Promise<Lease[]> {
    return claims.flatMap((claim) => {
      const topic = topicNames.get(claim.topicId);
      return topic === undefined ? [] : [{ ...claim, topic, isHeld: true, isLeaving: false }];
    });
  }

  function onTaken(taken: Lease[]): void {
    leases.push(...taken);
    logger.debug({ group, partitions: leases.length }, 'partitions taken');
    options.onAcquired();
  }

  async function runRounds(): Promise<void> {
    let delayMs = sessionMs / 3;
    do {
      isStale = false;
      try {
        await renew();
      } catch (error) {
        delayMs = Math.min(1_000, sessionMs / 6);
        logger.warn({ group, reason: messageOf(error) }, 'cannot renew the membership, will try again');
      }
    } while (isStale && !isOver);
    round = undefined;
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(startRound, delayMs);
  }

  function startRound(): void {
    isStale = round !== undefined;
    if (!isOver) round ??= runRounds();
  }

  const unsubscribe = news.subscribe([GROUP_NEWS + group], startRound);
  startRound();
  await round;
  news.tell(GROUP_NEWS + group);

  return {
    leases: () => leases.filter((lease) => !lease.isLeaving),
    commit: async (progress) => {
      const claims = [...progress].map(([lease, nextOffset]) => ({ ...claimOf(lease), nextOffset }));
      const moved = await commitOffsets(pool, group, claims);
      const lost: Lease[] = [];
      for (const [lease, nextOffset] of progress) {
        if (moved.has(`${lease.topicId}/${lease.partition}`)) lease.nextOffset = nextOffset;
        else lost.push(lease);
      }
      if (lost.length === 0) return;
      drop(lost);
      startRound();
      throw leaseLost(group, lost);
    },
    giveUp: async () => {
      const leaving = leases.filter((lease) => lease.isLeaving);
      if (leaving.length === 0) return;
      drop(leaving);
      await releasePartitions(pool, group, leaving.map(claimOf));
      news.tell(GROUP_NEWS + group);
    },
    leave: async () => {
      isOver = true;
      unsubscribe();
      clearTimeout(timer);
      await round;
      const last = leases;
      drop(last);
      await releasePartitions(pool, group, last.map(claimOf));
      await removeMember(pool, group, me.member_id);
      news.tell(GROUP_NEWS + group);
    },
  };
}

function matches(lease: Lease, position: Position, memberId: string): boolean {
  return (
    position.topic_id === lease.topicId &&
    position.partition === lease.partition &&
    position.member_id === memberId &&
    BigInt(position.generation) === lease.generation
  );
}

function leaseLost(group: string, lost: readonly Lease[]): CodedError {
  const partitions = lost.map((lease) => `${lease.topic}/${lease.partition}`);
  return new CodedError('lease-lost', `another member of ${group} took over ${partitions.join(', ')}`, {
    details: { partitions },
  });
}
