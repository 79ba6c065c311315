import { CodedError, codeOf, messageOf } from '../../../../libs/errors/coded-error.ts';
import { FOREIGN, isForeign } from '../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { createReparse, publishCdrs, type Reparse } from '../../../../libs/freeswitch/cdr/reparse.ts';
import { checkDatabase } from '../../../../libs/postgres/database.ts';
import type { CdrRecord } from '../../../../libs/records/cdr-record.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { isBeaten } from '../../../../libs/store/document-rank.ts';
import { DIFFERS, findReject, listRejects, type StoredReject } from '../../../../libs/store/reject.sql.ts';
import { replayReject } from '../../../../libs/store/reject-replay.ts';
import { rejectedBody } from '../../../../libs/store/rejected-body.ts';
import type { CommandContext } from '../../command-context.ts';
import { type Store, withStore } from './with-bus.ts';

export interface ReplayOptions {
  all?: boolean;
  reason?: string;
}

/** What became of one reject. */
interface Replayed {
  id: string;
  outcome: string;
  isPosted: boolean;
  /** why it could not be dealt with, or not to its end */
  error?: unknown;
}

type Database = Parameters<typeof findReject>[0];

const PAGE = 100;
/** A CDR is on the bus then: what becomes of it is the writer's word, later. */
const POSTED = 'posted again';
const FOLLOWS =
  '. What becomes of these the writer decides: `switchfleet cdr rejects list` has what it does not take';

/** A reject with its bytes. @throws CodedError `reject-not-found`; what the database says */
export async function needReject(database: Database, id: string): Promise<StoredReject> {
  const reject = /^\d{1,18}$/.test(id) ? await findReject(database, id) : undefined;
  if (reject === undefined) throw new CodedError('reject-not-found', `there is no reject ${id}`);
  return reject;
}

/**
 * Reads rejects again and posts as CDRs what can be read now. Each is tried, and what became of each is shown, also when the
 * run ends before its end since the database or the bus is away.
 * @throws CodedError `value-refused`; `replay-incomplete` when some failed; what ended the run
 */
export async function replay(
  context: CommandContext,
  ids: readonly string[],
  options: ReplayOptions,
): Promise<void> {
  if ((ids.length === 0) === (options.all !== true)) {
    throw new CodedError('value-refused', 'name the rejects to replay, or say --all');
  }
  const reparse = createReparse(context.config);
  const mayBeForeign = ids.length > 0 || options.reason === FOREIGN;
  const outcomes: Replayed[] = [];
  try {
    await withStore(context, async (store) => {
      for await (const id of chosen(store.database.write, ids, options)) {
        const outcome = await tryAgain(store, id, {
          reparse,
          mayBeForeign,
          isOpenOnly: options.all === true,
        });
        if (outcome === undefined) continue;
        outcomes.push(outcome);
        if (outcome.error !== undefined) await endIfAway(store, outcome.error);
      }
    });
  } catch (error) {
    if (outcomes.length > 0) show(context, outcomes);
    throw error;
  }
  show(context, outcomes);
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  if (failed > 0)
    throw new CodedError(
      'replay-incomplete',
      `${failed} of ${outcomes.length} rejects could not be replayed`,
    );
}

function show(context: CommandContext, outcomes: readonly Replayed[]): void {
  const rows = outcomes.map(({ id, outcome }) => ({ id, outcome }));
  context.output.table(['id', 'outcome'], rows, (row) => row);
  const posted = outcomes.filter(({ isPosted }) => isPosted).length;
  const failed = outcomes.filter(({ error, isPosted }) => error !== undefined && !isPosted).length;
  const rejects = `${outcomes.length - posted - failed} still rejects`;
  context.output.remark(
    `${posted} posted again, ${rejects}${failed > 0 ? `, ${failed} failed` : ''}${posted > 0 ? FOLLOWS : ''}`,
  );
}

interface Replaying {
  reparse: Reparse;
  mayBeForeign: boolean;
  /** whether what somebody else has replayed since it was listed is theirs to tell */
  isOpenOnly: boolean;
}

/** Tries one reject: whatever breaks on it is of this one. */
async function tryAgain(store: Store, id: string, replaying: Replaying): Promise<Replayed | undefined> {
  let isPosted = false as boolean;
  try {
    const reject = await needReject(store.database.write, id);
    if (replaying.isOpenOnly && reject.replayed_us !== null) return undefined;
    const read = await readAgain(store, reject, replaying);
    if (typeof read === 'string') return { id, outcome: `still ${read}`, isPosted };
    const publish = async () => {
      await publishCdrs(store.bus, [read]);
      isPosted = true;
    };
    await replayReject(store.database.write, reject, { nowUs: store.clock.nowUs(), publish });
    return { id, outcome: POSTED, isPosted };
  } catch (error) {
    const why = error instanceof CodedError ? `${messageOf(error)} (${error.code})` : messageOf(error);
    return { id, outcome: isPosted ? `${POSTED}, and not noted: ${why}` : `failed: ${why}`, isPosted, error };
  }
}

/** The CDR that a reject is now, where it does not lose to what is stored; or why it is a reject still. */
async function readAgain(
  { database }: Store,
  reject: StoredReject,
  { reparse, mayBeForeign }: Pick<Replaying, 'reparse' | 'mayBeForeign'>,
): Promise<CdrRecord | string> {
  const read = reparse(rejectedBody(reject));
  if ('reject' in read) return read.reject.reason;
  // The operator's word makes it true; "all" is no word for what one node says of another.
  if (!mayBeForeign && isForeign(read.ok, reject.switch_name)) return FOREIGN;
  return (await isBeaten(database.write, read.ok)) ? DIFFERS : read.ok;
}

/**
 * All others would fail as this one did, each after its time.
 * @throws CodedError `database-unavailable`, `bus-unavailable`
 */
async function endIfAway({ bus, database }: Store, error: unknown): Promise<void> {
  await checkDatabase(database);
  if (codeOf(error) === 'bus-unavailable') await bus.check([TOPICS.cdrs]);
}

async function* chosen(
  database: Database,
  ids: readonly string[],
  { all, reason }: ReplayOptions,
): AsyncGenerator<string> {
  yield* new Set(ids);
  if (all !== true) return;
  for (let beforeId: string | undefined; ; ) {
    const page = await listRejects(database, { beforeId, reason, open: true, limit: PAGE });
    for (const { id } of page) yield id;
    beforeId = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}
