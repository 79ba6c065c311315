import { createHash } from 'node:crypto';
import { type BasicCredentials, sameSecret } from '../../libs/http/credentials.ts';
import type { NodeRow } from '../../libs/snapshot/tables/nodes.ts';
import type { DirectoryModel } from './model/directory-model.ts';

/** Who asks: any node of the fleet (the shared credential), or exactly one. */
export type Asker = { kind: 'shared' } | { kind: 'node'; switchname: string };

export interface AccessOptions {
  username: string;
  /** undefined: there is no shared credential */
  password: string | undefined;
  model: () => DirectoryModel;
}

/** Good credentials that were checked, and the row they were good by. */
interface Known {
  asker: Asker;
  row: NodeRow | undefined;
}

/** There are no more good credentials than nodes; the rest is a way to fill memory. */
const MAX_KNOWN = 10_000;

/**
 * Says whose credentials a request carries, in a time that does not tell how much of them is right; undefined: nobody's.
 * A check hashes five times, and every lookup of every node needs one, so good headers are remembered for as long as the
 * node's row is the same. A map finds a text by its hash, seeded anew in each process, so that only a header with the
 * same hash is compared at all: its time tells nothing either.
 */
export function createAccess(options: AccessOptions) {
  const { model } = options;
  const known = new Map<string, Known>();

  return (header: string, credentials: () => BasicCredentials | undefined): Asker | undefined => {
    const before = known.get(header);
    if (before !== undefined && isValid(before, model())) return before.asker;
    known.delete(header);
    const given = credentials();
    const found = given && check(given, options);
    if (found !== undefined && known.size < MAX_KNOWN) known.set(header, found);
    return found?.asker;
  };
}

function isValid({ asker, row }: Known, model: DirectoryModel): boolean {
  return asker.kind === 'shared' || model.fleet.node(asker.switchname) === row;
}

function check(
  credentials: BasicCredentials,
  { username, password, model }: AccessOptions,
): Known | undefined {
  const isShared = sameSecret(credentials.username, username);
  const isPassword = sameSecret(credentials.password, password ?? '');
  if (isShared && isPassword && password !== undefined) return { asker: { kind: 'shared' }, row: undefined };
  const row = model().fleet.node(credentials.username);
  const given = createHash('sha256').update(credentials.password).digest('hex');
  const isNode = sameSecret(given, row?.http_password_hash ?? '');
  return isNode && row !== undefined ? { asker: { kind: 'node', switchname: row.key }, row } : undefined;
}
