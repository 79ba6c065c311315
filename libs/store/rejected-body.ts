import type { KnownBody } from '../freeswitch/cdr/reparse.ts';
import type { StoredReject } from './reject.sql.ts';

/** What `path` of a reject begins with that an import of a history made; a post has the path of its URL there. */
const HISTORY = 'history';

/** The path of a row of another system that is no CDR: the file or table, and where in it. */
export function historyPath(place: string): string {
  return `${HISTORY}:${place}`;
}

/** The body of a reject, and what is known of it, to be read again. */
export function rejectedBody({ body, uuid, switch_name, received_us, path }: StoredReject): KnownBody {
  return {
    body,
    uuid: uuid ?? undefined,
    node: switch_name ?? undefined,
    receivedUs: received_us,
    isHistory: path.startsWith(HISTORY),
  };
}
