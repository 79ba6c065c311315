import { createHash } from 'node:crypto';
import { type BasicCredentials, sameSecret } from '../../libs/http/credentials.ts';
import type { DirectoryModel } from './directory-model.ts';

/** Who asks: any node of the fleet (the shared credential), or exactly one. */
export type Asker = { kind: 'shared' } | { kind: 'node'; switchname: string };

export interface AccessOptions {
  username: string;
  /** undefined: there is no shared credential */
  password: string | undefined;
  model: () => DirectoryModel;
}

/** Says whose credentials these are, in a time that does not tell how much of them is right; undefined: nobody's. */
export function createAccess({ username, password, model }: AccessOptions) {
  return (credentials: BasicCredentials): Asker | undefined => {
    const isShared = sameSecret(credentials.username, username);
    const isPassword = sameSecret(credentials.password, password ?? '');
    if (isShared && isPassword && password !== undefined) return { kind: 'shared' };
    const node = model().node(credentials.username);
    const hash = createHash('sha256').update(credentials.password).digest('hex');
    const isNode = sameSecret(hash, node?.http_password_hash ?? '');
    return isNode && node !== undefined ? { kind: 'node', switchname: node.key } : undefined;
  };
}
