import { hash, timingSafeEqual } from 'node:crypto';
import type { Config } from '../../libs/config/config.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import type { BasicCredentials } from '../../libs/http/credentials.ts';
import type { NodeCredentials } from './node-credentials.ts';

/** Who posts: the node that the credential is bound to, or any node where one credential is shared. */
export interface Poster {
  node: string | undefined;
}

/** Tells who the credentials belong to; `wrong` lets nobody in, `unknown` says that it cannot be told just now. */
export type CheckCredentials = (credentials: BasicCredentials) => Poster | 'wrong' | 'unknown';

const ANYBODY: Poster = { node: undefined };

/**
 * Accepts a node's own credential (its switchname and what `switchfleet node add` printed) and, where the configuration
 * has one, the shared credential. In a time that does not tell how much of it is right.
 * @throws CodedError `credential-missing` when there are neither
 */
export function createCheck(
  config: Pick<Config, 'FREESWITCH_USERNAME' | 'FREESWITCH_PASSWORD'>,
  nodes: Pick<NodeCredentials, 'find' | 'isLoaded'> | undefined,
): CheckCredentials {
  const { FREESWITCH_USERNAME: username, FREESWITCH_PASSWORD: password } = config;
  if (password === undefined && nodes === undefined) {
    throw new CodedError(
      'credential-missing',
      'environment variable FREESWITCH_PASSWORD or DATABASE_URL must be set',
    );
  }
  const shared = password === undefined ? undefined : digest(`${username}:${password}`);
  return (given) => {
    const isShared = isSame(shared, digest(`${given.username}:${given.password}`));
    if (isShared) return ANYBODY;
    const node = nodes?.find(given.username);
    const stored = node?.hash ? Buffer.from(node.hash, 'hex') : undefined;
    if (isSame(stored, digest(given.password)) && node !== undefined) return { node: node.switchname };
    return nodes === undefined || nodes.isLoaded ? 'wrong' : 'unknown';
  };
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

function isSame(expected: Buffer | undefined, given: Buffer): boolean {
  return timingSafeEqual(expected?.length === given.length ? expected : Buffer.alloc(given.length), given);
}
