import { foldName } from '../../../libs/freeswitch/xml/name.ts';
import { SplitMap } from '../../../libs/snapshot/split-map.ts';
import { handle, type TableHandler } from '../../../libs/snapshot/table.ts';
import {
  GROUP_MEMBERS,
  GROUPS,
  type GroupMemberRow,
  type GroupRow,
} from '../../../libs/snapshot/tables/groups.ts';

/** The groups of the fleet and who is in them. */
export interface GroupBook {
  readonly handlers: readonly TableHandler[];
  get(name: string, domain: string): GroupRow | undefined;
  /** Keys of its users, in the order of the group. */
  members(name: string, domain: string): readonly string[];
  /** The groups that a user (by key) is in, by name: the first one's params win. */
  ofUser(user: string, domain: string): readonly GroupRow[];
}

/** Who is in one group. Members come one by one, thousands at a time: they are put in order when somebody asks. */
interface Members {
  /** user → place in the group */
  places: Map<string, number>;
  ordered: readonly string[] | undefined;
}

const NOBODY: readonly string[] = [];
const NO_GROUPS: readonly GroupRow[] = [];

export function createGroupBook(): GroupBook {
  const groups = new SplitMap<GroupRow>();
  const members = new SplitMap<Members>();
  const groupsOf = new SplitMap<readonly string[]>();

  function open(address: string): Members {
    const known = members.get(address);
    if (known !== undefined) return known;
    const made = { places: new Map<string, number>(), ordered: undefined };
    members.set(address, made);
    return made;
  }

  function putMember(row: GroupMemberRow): void {
    const group = open(addressOf(row.key, row.domain));
    group.places.set(row.user, row.position);
    group.ordered = undefined;
    const user = addressOf(row.user, row.domain);
    const names = new Set(groupsOf.get(user)).add(row.key);
    groupsOf.set(user, [...names].sort());
  }

  function removeMembers(domain: string | null, group: string): void {
    const address = addressOf(group, domain ?? '');
    for (const user of members.get(address)?.places.keys() ?? NOBODY) {
      const left = groupsOf.get(addressOf(user, domain ?? ''))?.filter((name) => name !== group) ?? [];
      if (left.length > 0) groupsOf.set(addressOf(user, domain ?? ''), left);
      else groupsOf.delete(addressOf(user, domain ?? ''));
    }
    members.delete(address);
  }

  return {
    handlers: [
      handle(GROUPS, {
        put: (row) => groups.set(addressOf(row.key, row.domain), row),
        remove: (domain, key) => groups.delete(addressOf(key, domain ?? '')),
      }),
      handle(GROUP_MEMBERS, { put: putMember, remove: removeMembers }),
    ],
    get: (name, domain) => groups.get(foldName(addressOf(name, domain))),
    members: (name, domain) => {
      const group = members.get(foldName(addressOf(name, domain)));
      if (group !== undefined) group.ordered ??= inOrder(group.places);
      return group?.ordered ?? NOBODY;
    },
    ofUser: (user, domain) => {
      const names = groupsOf.size === 0 ? undefined : groupsOf.get(addressOf(user, domain));
      return names?.flatMap((name) => groups.get(addressOf(name, domain)) ?? []) ?? NO_GROUPS;
    },
  };
}

function addressOf(name: string, domain: string): string {
  return `${name}@${domain}`;
}

function inOrder(places: ReadonlyMap<string, number>): readonly string[] {
  return [...places]
    .sort(([left, first], [right, second]) => first - second || (left < right ? -1 : 1))
    .map(([user]) => user);
}
