import type { DomainRow } from '../../libs/snapshot/tables/domains.ts';
import type { GroupRow } from '../../libs/snapshot/tables/groups.ts';
import type { UserRow } from '../../libs/snapshot/tables/users.ts';

/** What an answer about a user has to carry. */
export type Need =
  | 'digest'
  | 'dial-string'
  | 'group-dial-string'
  | 'voicemail'
  | 'voicemail-secret'
  | 'verto'
  | 'reverse-auth'
  | 'event-socket';

/** Who is asked about, by which node, and what for. */
export interface UserQuestion {
  user: UserRow;
  domain: DomainRow;
  /** switchname */
  asker: string;
  isForwarded: boolean;
  needs: ReadonlySet<Need>;
}

/** Whose free pairs an answer about a user merges: the domain, its groups, the user, who counts most. */
export type UserEntries = readonly (DomainRow | GroupRow | UserRow)[];
