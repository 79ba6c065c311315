import type { Command } from 'commander';
import { changeDomain } from '../../../libs/provisioning/change-domain.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { DOMAINS } from '../../../libs/provisioning/resources/domains.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import type { CommandContext } from '../command-context.ts';
import { addPairOptions, type PairOptions, readEnabled, readPairs } from './entry-options.ts';
import { commandAuthor } from './resource/author.ts';

interface SetOptions extends PairOptions {
  enable?: boolean;
  disable?: boolean;
  context?: string;
  cacheable?: string;
  dialString?: string;
}

const LONGEST_MS = 86_400_000;

/** `switchfleet domain …` */
export function defineDomainCommand(program: Command, context: CommandContext): void {
  const domain = program.command('domain').description('domains: the SIP domains of tenants');
  const set = domain
    .command('set')
    .description('change a domain; what is not named stays')
    .argument('<domain>', 'such as sip.example.com')
    .option('--enable', 'its users are found again')
    .option('--disable', 'none of its users is found any more')
    .option('--context <context>', 'dialplan context that switchfleet answers for it')
    .option('--cacheable <milliseconds>', 'how long FreeSWITCH may keep a user; 0: not at all')
    .option('--dial-string <text>', 'instead of our own, for all of its users; an empty text: our own again');
  addPairOptions(set).action((name: string, options: SetOptions) => change(context, name, options));
}

async function change(context: CommandContext, name: string, options: SetOptions): Promise<void> {
  const { cacheable, dialString, context: dialplan } = options;
  const milliseconds =
    cacheable === undefined ? undefined : checkInteger('cacheable', cacheable, { min: 0, max: LONGEST_MS });
  const changes = {
    enabled: readEnabled(options),
    context: dialplan,
    cacheableMs: milliseconds === 0 ? null : milliseconds,
    dialString: dialString === '' ? null : dialString,
    pairs: readPairs(options),
  };
  const author = await commandAuthor(context);
  const note = { resource: DOMAINS, author, before: { name }, after: () => ({ name }) };
  await context.withDatabase(({ write }) =>
    audited(write, note, (client) => changeDomain(client, name, changes, 'administrator')),
  );
  context.output.result(`changed domain ${name}`, { domain: name });
}
