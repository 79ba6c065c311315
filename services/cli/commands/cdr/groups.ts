/** What is opened, looked up and published together: as much as memory and the bus take at once. */
export const GROUP_BYTES = 8 * 1024 * 1024;

export interface GroupLimits<Item> {
  /** so many at the most */
  most: number;
  /** how much memory one asks for, about */
  bytesOf: (item: Item) => number;
}

/** Items in groups that fit into memory; one that is larger than a group is one alone. Where `items` fails, those before come first. */
export async function* groupsOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { most, bytesOf }: GroupLimits<Item>,
): AsyncGenerator<Item[]> {
  let group: Item[] = [];
  let bytes = 0;
  try {
    for await (const item of items) {
      if (group.length > 0 && (group.length >= most || bytes + bytesOf(item) > GROUP_BYTES)) {
        yield group;
        group = [];
        bytes = 0;
      }
      group.push(item);
      bytes += bytesOf(item);
    }
  } catch (error) {
    if (group.length > 0) yield group;
    throw error;
  }
  if (group.length > 0) yield group;
}
