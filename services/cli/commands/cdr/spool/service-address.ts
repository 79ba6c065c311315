import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { CommandContext } from '../../../command-context.ts';
import type { ServiceAddress } from './destination.ts';

/**
 * Where CDRs are posted, with the credential of the environment or of a standalone server that this machine runs.
 * @throws CodedError `value-refused`, `credential-missing`
 */
export async function addressOf(context: CommandContext, text: string): Promise<ServiceAddress> {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new CodedError(
      'value-refused',
      `--url ${JSON.stringify(text.replace(/\/\/.*@/, '//…@'))} must look like http://127.0.0.1:3102/cdr`,
    );
  }
  const { FREESWITCH_USERNAME: username, FREESWITCH_PASSWORD: given } = context.config;
  const password = given ?? (await context.standaloneFreeswitchPassword());
  if (password === undefined)
    throw new CodedError('credential-missing', 'environment variable FREESWITCH_PASSWORD must be set');
  return { url, username, password };
}
