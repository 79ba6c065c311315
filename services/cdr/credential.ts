import type { Config } from '../../libs/config/config.ts';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { type BasicCredentials, sameSecret } from '../../libs/http/credentials.ts';

/** Who posts: the node that the credential is bound to, or any node where one credential is shared. */
export interface Poster {
  node: string | undefined;
}

/** Tells who the credentials belong to; undefined lets nobody in. */
export type CheckCredentials = (credentials: BasicCredentials) => Poster | undefined;

/**
 * One credential for every node, from the configuration.
 * @throws CodedError `credential-missing`
 */
export function sharedCredential(
  config: Pick<Config, 'FREESWITCH_USERNAME' | 'FREESWITCH_PASSWORD'>,
): CheckCredentials {
  const { FREESWITCH_USERNAME: username, FREESWITCH_PASSWORD: password } = config;
  if (password === undefined) {
    throw new CodedError('credential-missing', 'environment variable FREESWITCH_PASSWORD must be set');
  }
  return (credentials) => {
    const sameName = sameSecret(credentials.username, username);
    return sameSecret(credentials.password, password) && sameName ? { node: undefined } : undefined;
  };
}
