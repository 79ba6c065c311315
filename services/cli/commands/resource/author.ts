import { userInfo } from 'node:os';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import type { Author } from '../../../../libs/provisioning/resource/resource.ts';
import type { CommandContext } from '../../command-context.ts';

/** Who changes something from the command line: the user of this machine, as an administrator of the fleet. */
export async function commandAuthor({ secretBox }: CommandContext): Promise<Author> {
  const box = await secretBox().catch(() => undefined);
  return {
    actor: `cli:${userInfo().username}`,
    role: 'admin',
    tenant: undefined,
    box: () => {
      if (box !== undefined) return box;
      throw new CodedError('secrets-key-missing', 'SECRETS_KEY must be set: this is stored encrypted');
    },
  };
}
