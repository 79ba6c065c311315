import type { Command } from 'commander';
import { addDid } from '../../../libs/provisioning/dids.ts';
import { audited } from '../../../libs/provisioning/resource/audited.ts';
import { DIDS } from '../../../libs/provisioning/resources/dids.ts';
import { checkInteger } from '../../../libs/provisioning/value.ts';
import { DEST_TYPES } from '../../../libs/snapshot/tables/did-routing.ts';
import type { CommandContext } from '../command-context.ts';
import { commandAuthor } from './resource/author.ts';

interface AddOptions {
  domain: string;
  type: string;
  priority: string;
  description?: string;
}

/** `switchfleet did …` */
export function defineDidCommand(program: Command, context: CommandContext): void {
  const did = program.command('did').description('DIDs: inbound numbers and where they lead');
  did
    .command('add')
    .description('add a number; it is unique in the fleet')
    .argument('<number>', 'in E.164 (+442071838750), or as the domain dials it')
    .argument('<destination>', 'the extension, queue, conference … that it leads to')
    .requiredOption('--domain <domain>', 'the domain it belongs to')
    .option('--type <type>', `what the destination is: ${DEST_TYPES.join(', ')}`, 'extension')
    .option('--priority <number>', 'rows of one number are tried from the highest priority down', '0')
    .option('--description <text>', 'a note for people')
    .action((number: string, destination: string, options: AddOptions) =>
      add(context, { number, destination, ...options }),
    );
}

async function add(
  context: CommandContext,
  options: AddOptions & { number: string; destination: string },
): Promise<void> {
  const { number, destination, domain, type, description } = options;
  const priority = checkInteger('priority', options.priority, { min: -1000, max: 1000 });
  const note = {
    resource: DIDS,
    author: await commandAuthor(context),
    after: (added: { did: string }) => ({ did: added.did, priority }),
  };
  const { did, destType } = await context.withDatabase(({ write }) =>
    audited(write, note, (client) =>
      addDid(client, { number, destination, domain, destType: type, priority, description }),
    ),
  );
  context.output.result(`added ${did} → ${destType} ${destination} of ${domain}`, {
    did,
    domain,
    dest_type: destType,
    destination,
    priority,
  });
}
