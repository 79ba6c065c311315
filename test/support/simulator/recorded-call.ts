import { openBody } from './cdr-body.ts';
import { UUID } from './identity.ts';
import type { RecordedEvent, RecordedItem, RecordedRequest } from './recorded-item.ts';
import type { Recording } from './recording.ts';

/** One call of a recording: everything its legs did on every node. */
export interface RecordedCall {
  items: readonly (RecordedEvent | RecordedRequest)[];
  /** Switchnames, in the order in which they appear. */
  nodes: readonly string[];
  legs: readonly string[];
  startUs: number;
  endUs: number;
}

/**
 * Takes a recording apart into its calls: things that share a uuid (of a leg, a Call-ID, a job…) belong together, over
 * nodes too. Calls of which the recording has no CREATE or no CDR of some leg are left out: they were cut off.
 */
export function recordedCalls(recording: Recording): RecordedCall[] {
  const cores = new Set(recording.items.flatMap((item) => (item.kind === 'core-start' ? [item.core] : [])));
  const groups = new Groups();
  const material = recording.items.filter(isMaterial).map((item) => ({ item, uuids: uuidsOf(item, cores) }));
  for (const { uuids } of material) groups.join(uuids);
  const byRoot = Map.groupBy(
    material.filter(({ uuids }) => uuids.length > 0),
    ({ uuids }) => groups.rootOf(uuids[0] ?? ''),
  );
  return [...byRoot.values()].flatMap((members) => toCall(members.map(({ item }) => item)) ?? []);
}

/** The text in which tokens of an item can be found. */
export function textOf(item: RecordedEvent | RecordedRequest): string {
  return item.kind === 'event' ? item.json : openBody(item.body);
}

function isMaterial(item: RecordedItem): item is RecordedEvent | RecordedRequest {
  return item.kind !== 'core-start' && item.kind !== 'core-end';
}

function uuidsOf(item: RecordedEvent | RecordedRequest, cores: ReadonlySet<string>): string[] {
  const found = new Set(textOf(item).match(UUID));
  return [...found].filter((uuid) => !cores.has(uuid));
}

function toCall(items: (RecordedEvent | RecordedRequest)[]): RecordedCall | undefined {
  const events = items.filter((item) => item.kind === 'event');
  const legs = new Set(events.filter(({ name }) => name === 'CHANNEL_CREATE').map(({ uuid }) => uuid));
  const posted = new Set(items.filter(({ kind }) => kind === 'cdr').map(({ uuid }) => uuid));
  const begun = new Set(events.filter(({ name }) => name.startsWith('CHANNEL_')).map(({ uuid }) => uuid));
  if (legs.size === 0 || begun.size !== legs.size || posted.size !== legs.size) return undefined;
  return {
    items,
    nodes: [...new Set(items.map(({ node }) => node))],
    legs: [...legs],
    startUs: items[0]?.atUs ?? 0,
    endUs: items.at(-1)?.atUs ?? 0,
  };
}

/** Union-find over uuids. */
class Groups {
  readonly #parents = new Map<string, string>();

  rootOf(uuid: string): string {
    let root = uuid;
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root))
      root = parent;
    return root;
  }

  join(uuids: readonly string[]): void {
    const root = this.rootOf(uuids[0] ?? '');
    for (const uuid of uuids) {
      const other = this.rootOf(uuid);
      if (other !== root) this.#parents.set(other, root);
    }
  }
}
