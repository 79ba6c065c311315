import type { Command } from 'commander';
import { checkInteger } from '../../../../libs/provisioning/value.ts';
import { listRejects } from '../../../../libs/store/reject.sql.ts';
import type { CommandContext } from '../../command-context.ts';
import { needReject, type ReplayOptions, replay } from './replay.ts';

interface ListOptions {
  reason?: string;
  open?: boolean;
  limit: string;
}

const COLUMNS = ['id', 'received', 'reason', 'node', 'uuid', 'attempts', 'bytes', 'replayed', 'detail'];

/** `switchfleet cdr rejects …` */
export function defineRejectsCommand(cdr: Command, context: CommandContext): void {
  const rejects = cdr
    .command('rejects')
    .description(
      'what was posted as a CDR and could not be stored as one, or differs from the one that is stored',
    );
  rejects
    .command('list')
    .description('newest first')
    .option('--reason <reason>', 'only these, such as cdr-truncated or cdr-differs')
    .option('--open', 'only what was not replayed yet')
    .option('--limit <number>', 'how many at the most', '50')
    .action((options: ListOptions) => list(context, options));
  rejects
    .command('show')
    .description('print the bytes of one as they were posted')
    .argument('<id>')
    .action((id: string) => show(context, id));
  rejects
    .command('replay')
    .description(
      'read them again with this release, and post as CDRs what can be read now and loses to none that is stored',
    )
    .argument('[id...]')
    .option('--all', 'all that were not replayed yet (of cdr-foreign-node only with that --reason)')
    .option('--reason <reason>', 'with --all: only these')
    .action((ids: string[], options: ReplayOptions) => replay(context, ids, options));
}

async function list(context: CommandContext, { reason, open, limit }: ListOptions): Promise<void> {
  const query = { reason, open, limit: checkInteger('limit', limit, { min: 1, max: 10_000 }) };
  const found = await context.withDatabase(({ read }) => listRejects(read, query));
  context.output.table(COLUMNS, found, ({ received_us, replayed_us, switch_name, ...rest }) => ({
    ...rest,
    received: timeOf(received_us),
    replayed: replayed_us === null ? null : timeOf(replayed_us),
    node: switch_name,
  }));
}

async function show(context: CommandContext, id: string): Promise<void> {
  const reject = await context.withDatabase(({ read }) => needReject(read, id));
  const { body, ...rest } = reject;
  context.output.raw(body, { ...rest, body_base64: body.toString('base64') });
}

function timeOf(us: number): string {
  return new Date(us / 1000).toISOString();
}
