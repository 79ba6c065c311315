import type { Command } from 'commander';
import { CodedError } from '../../../../libs/errors/coded-error.ts';
import { FOREIGN, isForeign } from '../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { createReparse, publishCdrs, type Reparse } from '../../../../libs/freeswitch/cdr/reparse.ts';
import { checkInteger } from '../../../../libs/provisioning/value.ts';
import {
  DIFFERS,
  findReject,
  listRejects,
  markReplayed,
  type StoredReject,
} from '../../../../libs/store/reject.sql.ts';
import { isBeaten } from '../../../../libs/store/stored-cdr.sql.ts';
import type { CommandContext } from '../../command-context.ts';
import { type Store, withStore } from './with-bus.ts';

interface ListOptions {
  reason?: string;
  open?: boolean;
  limit: string;
}

interface ReplayOptions {
  all?: boolean;
  reason?: string;
}

const PAGE = 100;
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
  const reject = await context.withDatabase(({ read }) => need(read, id));
  const { body, ...rest } = reject;
  context.output.raw(body, { ...rest, body_base64: body.toString('base64') });
}

async function need(database: Parameters<typeof findReject>[0], id: string): Promise<StoredReject> {
  const reject = /^\d{1,18}$/.test(id) ? await findReject(database, id) : undefined;
  if (reject === undefined) throw new CodedError('reject-not-found', `there is no reject ${id}`);
  return reject;
}

async function replay(context: CommandContext, ids: string[], options: ReplayOptions): Promise<void> {
  if ((ids.length === 0) === (options.all !== true)) {
    throw new CodedError('value-refused', 'name the rejects to replay, or say --all');
  }
  const reparse = createReparse(context.config);
  const mayBeForeign = ids.length > 0 || options.reason === FOREIGN;
  const outcomes = await withStore(context, async (store) => {
    const found: { id: string; outcome: string }[] = [];
    for await (const reject of chosen(store.database.write, ids, options))
      found.push({ id: reject.id, outcome: await postAgain(store, reject, { reparse, mayBeForeign }) });
    return found;
  });
  context.output.table(['id', 'outcome'], outcomes, (outcome) => outcome);
  const posted = outcomes.filter(({ outcome }) => outcome === POSTED).length;
  context.output.remark(
    `${posted} posted again, ${outcomes.length - posted} still rejects${posted > 0 ? FOLLOWS : ''}`,
  );
}

/** A CDR is on the bus then: what becomes of it is the writer's word, later. */
const POSTED = 'posted again';
const FOLLOWS =
  '. What becomes of these the writer decides: `switchfleet cdr rejects list` has what it does not take';

interface Replaying {
  reparse: Reparse;
  mayBeForeign: boolean;
}

/** Publishes what can be read and does not lose to what is stored. Gives what became of it, as far as that is known. */
async function postAgain(
  { bus, database, clock }: Store,
  reject: StoredReject,
  { reparse, mayBeForeign }: Replaying,
): Promise<string> {
  const { id, body, uuid, switch_name, received_us } = reject;
  const read = reparse({
    body,
    uuid: uuid ?? undefined,
    node: switch_name ?? undefined,
    receivedUs: received_us,
  });
  if ('reject' in read) return `still ${read.reject.reason}`;
  // The operator's word makes it true; "all" is no word for what one node says of another.
  if (!mayBeForeign && isForeign(read.ok, switch_name)) return `still ${FOREIGN}`;
  if (await isBeaten(database.write, read.ok)) return `still ${DIFFERS}`;
  await publishCdrs(bus, [read.ok]);
  await markReplayed(database.write, [id], clock.nowUs());
  return POSTED;
}

async function* chosen(
  database: Parameters<typeof findReject>[0],
  ids: readonly string[],
  { all, reason }: ReplayOptions,
): AsyncGenerator<StoredReject> {
  for (const id of ids) yield await need(database, id);
  if (all !== true) return;
  for (let beforeId: string | undefined; ; ) {
    const page = await listRejects(database, { beforeId, reason, open: true, limit: PAGE });
    for (const { id } of page) yield await need(database, id);
    beforeId = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}

function timeOf(us: number): string {
  return new Date(us / 1000).toISOString();
}
