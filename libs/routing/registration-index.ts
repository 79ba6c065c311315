import { SplitMap } from '../snapshot/split-map.ts';
import { handle, type TableHandler } from '../snapshot/table.ts';
import { REGISTRATIONS, type RegistrationRow } from './tables/registrations.ts';

/** Where users are registered. */
export interface RegistrationIndex {
  readonly handler: TableHandler;
  readonly size: number;
  /** The nodes that a user is registered on, the latest registration first. */
  nodesOf(domain: string, userId: string): readonly string[];
}

interface Place {
  node: string;
  registeredUs: number;
}

const NOWHERE: readonly string[] = [];

export function createRegistrationIndex(): RegistrationIndex {
  const users = new SplitMap<readonly Place[]>();

  function put(row: RegistrationRow): void {
    const address = `${row.key}@${row.domain}`;
    const others = (users.get(address) ?? []).filter(({ node }) => node !== row.node);
    const places = [...others, { node: row.node, registeredUs: Number(row.registered_us) }];
    users.set(
      address,
      places.sort((left, right) => right.registeredUs - left.registeredUs),
    );
  }

  return {
    handler: handle(REGISTRATIONS, {
      put,
      remove: (domain, key) => users.delete(`${key}@${(domain ?? '').toLowerCase()}`),
    }),
    get size() {
      return users.size;
    },
    nodesOf: (domain, userId) =>
      users.get(`${userId.toLowerCase()}@${domain}`)?.map(({ node }) => node) ?? NOWHERE,
  };
}
