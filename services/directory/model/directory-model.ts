import { createRegistrationIndex, type RegistrationIndex } from '../../../libs/routing/registration-index.ts';
import type { SnapshotModel } from '../../../libs/snapshot/table.ts';
import { createDidBook, type DidBook } from './did-book.ts';
import { createDomainBook, type DomainBook } from './domain-book.ts';
import { createFleetBook, type FleetBook } from './fleet-book.ts';
import { createGroupBook, type GroupBook } from './group-book.ts';
import { createUserBook, type UserBook } from './user-book.ts';

/** Everything the directory answers from. Lookups take names as FreeSWITCH sends them. */
export interface DirectoryModel extends SnapshotModel {
  readonly domains: DomainBook;
  readonly users: UserBook;
  readonly groups: GroupBook;
  readonly fleet: FleetBook;
  readonly dids: DidBook;
  readonly registrations: RegistrationIndex;
}

/** An empty model, to be filled by a load. */
export function createDirectoryModel(): DirectoryModel {
  const domains = createDomainBook();
  const users = createUserBook();
  const groups = createGroupBook();
  const fleet = createFleetBook();
  const dids = createDidBook();
  const registrations = createRegistrationIndex();
  return {
    handlers: [
      domains.handler,
      users.handler,
      ...groups.handlers,
      ...fleet.handlers,
      dids.handler,
      registrations.handler,
    ],
    domains,
    users,
    groups,
    fleet,
    dids,
    registrations,
  };
}
