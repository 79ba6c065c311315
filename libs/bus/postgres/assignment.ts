import { partitionOf } from './record.ts';

/** A member of a group that is alive, and the topics it reads. */
export interface GroupMember {
  member_id: string;
  topics: readonly string[];
}

/** Who holds a partition. */
export interface Holding {
  topic: string;
  partition: number;
  member_id: string | null;
  generation: string;
}

/** What a member does next: take what is free, give up what is more than its share. */
export interface Plan<H extends Holding> {
  acquire: H[];
  release: H[];
}

/**
 * What one member should take and give up so that every member ends with its fair share: all members compute the same
 * shares, each acts only for itself, and nobody takes what a live member holds. `isHeld` says what this member knows to
 * be its own.
 */
export function planShare<H extends Holding>(
  me: GroupMember,
  members: readonly GroupMember[],
  { holdings, isHeld }: { holdings: readonly H[]; isHeld: (holding: H) => boolean },
): Plan<H> {
  const alive = new Set(members.map((member) => member.member_id));
  const plan: Plan<H> = { acquire: [], release: [] };
  for (const topic of me.topics) {
    const all = holdings.filter((holding) => holding.topic === topic);
    const mine = all.filter((holding) => holding.member_id === me.member_id);
    const free = all.filter(({ member_id }) => member_id === null || !alive.has(member_id));
    const share = shareOf(me, members, { topic, partitions: all.length });
    const kept = mine.slice(0, share);
    plan.release.push(...mine.slice(share).filter(isHeld));
    // Marked as ours but unknown to us: the answer that gave it to us was lost. Taken again, with a new generation.
    plan.acquire.push(...kept.filter((holding) => !isHeld(holding)));
    plan.acquire.push(...free.slice(0, share - kept.length));
  }
  return plan;
}

/** Partitions of a topic for one member: equal shares, the odd ones going to other members for other topics. */
function shareOf(
  me: GroupMember,
  members: readonly GroupMember[],
  { topic, partitions }: { topic: string; partitions: number },
): number {
  const readers = members.filter((member) => member.topics.includes(topic)).map((member) => member.member_id);
  readers.sort();
  const rank = (readers.indexOf(me.member_id) + partitionOf(topic)) % readers.length;
  return Math.floor(partitions / readers.length) + (rank < partitions % readers.length ? 1 : 0);
}
