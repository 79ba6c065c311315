import type { Config } from '../../../../../libs/config/config.ts';
import { CodedError } from '../../../../../libs/errors/coded-error.ts';
import type { CdrRejection } from '../../../../../libs/freeswitch/cdr/cdr-rejection.ts';
import { rejected } from '../../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { createReparse, publishCdrs } from '../../../../../libs/freeswitch/cdr/reparse.ts';
import type { CdrRecord } from '../../../../../libs/records/cdr-record.ts';
import { areStored } from '../../../../../libs/store/stored-cdr.sql.ts';
import { createRecentKeys } from '../recent-keys.ts';
import type { Store } from '../with-bus.ts';
import { createExpiry } from './expiry.ts';
import type { ReadFile } from './spooled-file.ts';

/**
 * What became of a file: stored now; stored before; taken by a service, which stores it once and does not know whether it
 * was; kept as a reject since it cannot be read; refused by a service for its size; or from before the retention, and so
 * given to nobody.
 */
export type Outcome = 'imported' | 'duplicate' | 'accepted' | 'rejected' | 'refused' | 'expired';

/** Where files go. Resolves with what became of each: an error says that it may not be durable. @throws CodedError when none may be */
export type Destination = (files: readonly ReadFile[]) => Promise<(Outcome | CodedError)[]>;

type StoreConfig = Pick<Config, 'CDR_VARIABLES' | 'CDR_RETENTION_MONTHS' | 'CDR_DOCUMENT_RETENTION_DAYS'>;

/** The store itself, over the bus: knows what is stored already. */
export function storeDestination({ bus, database, clock }: Store, config: StoreConfig): Destination {
  const reparse = createReparse(config);
  const isExpired = createExpiry(clock, config);
  const taken = createRecentKeys();
  return async (files) => {
    const receivedUs = clock.nowUs();
    const read = files.map((file) => {
      const parsed = reparse({ body: file.body, uuid: file.uuid, receivedUs });
      return { file, parsed, isPast: 'ok' in parsed && isExpired(parsed.ok.cdr.start_us) };
    });
    const records = read.flatMap(({ parsed, isPast }) => ('ok' in parsed && !isPast ? [parsed.ok] : []));
    const stored = await storedOf(database, records);
    // log-dir and err-log-dir may have the same CDR, in two encodings
    const fresh = new Set(records.filter((record) => !stored.has(record) && taken.add(keyOf(record))));
    await publishCdrs(bus, [...fresh]);
    for (const { file, parsed } of read)
      if ('reject' in parsed) await keepReject(bus, file, { rejection: parsed.reject, receivedUs });
    return read.map(({ parsed, isPast }) => {
      if ('reject' in parsed) return 'rejected';
      if (isPast) return 'expired';
      return fresh.has(parsed.ok) ? 'imported' : 'duplicate';
    });
  };
}

const keyOf = ({ format, body_sha256, cdr }: CdrRecord) => `${format} ${body_sha256} ${cdr.uuid}`;

/** Which of these the store has. */
async function storedOf(database: Store['database'], records: readonly CdrRecord[]): Promise<Set<CdrRecord>> {
  const stored = await areStored(
    database.write,
    records.map(({ cdr: { uuid, start_us }, format, body_sha256 }) => ({
      uuid,
      start_us,
      format,
      body_sha256,
    })),
  );
  return new Set(records.filter((_record, at) => stored[at] === true));
}

/** As it came now: rejects go by the time at which they came last, and the file may be deleted for this one. */
async function keepReject(
  bus: Store['bus'],
  { body, name, uuid, mtimeMs }: ReadFile,
  { rejection, receivedUs }: { rejection: CdrRejection; receivedUs: number },
): Promise<void> {
  const from = { contentType: undefined, sourceIp: '', node: undefined };
  const post = { ...from, body, url: `file:${name}`, uuid, receivedUs };
  const detail = `${rejection.detail} (a file of ${timeOf(mtimeMs)})`;
  const { topic, record } = rejected(post, rejection.reason, detail);
  await bus.publish(topic, [record]);
}

/** A file system may have times that no date can be. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString();
}

export interface ServiceAddress {
  url: URL;
  username: string;
  password: string;
}

/** One of 16 MiB may be read for 9 s, and published for 5. */
const ANSWER_MS = 30_000;
const TOO_LARGE = 413;

/**
 * A service cdr, over HTTP, as FreeSWITCH posts: for servers that reach nothing else. It answers without a look at the
 * database, which may be away, so nobody knows which of the files it had before.
 * @param isExpired whether a file is of before the retention: the service would take it, and the writer drop it
 */
export function serviceDestination(
  { url, username, password }: ServiceAddress,
  isExpired: (file: ReadFile) => boolean,
): Destination {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  async function post(file: ReadFile): Promise<Outcome> {
    if (isExpired(file)) return 'expired';
    const { body, uuid, name } = file;
    const target = new URL(url);
    if (uuid !== undefined) target.searchParams.set('uuid', uuid);
    const response = await fetch(target, {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/xml' },
      body: new Uint8Array(body),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const answer = await response.text();
    if (response.status === TOO_LARGE) return 'refused';
    if (!response.ok)
      throw new CodedError('cdr-service-refuses', `${url.host} answers ${response.status} to ${name}`);
    return outcomeOf(answer, url);
  }
  const failed = (cause: unknown) =>
    cause instanceof CodedError
      ? cause
      : new CodedError('cdr-service-unavailable', `${url.host} cannot be reached`, { cause });
  return (files) => Promise.all(files.map((file) => post(file).catch(failed)));
}

/** Whatever else answers 200, a web server or a portal, has not taken a CDR. */
function outcomeOf(answer: string, url: URL): Outcome {
  const reject = rejectIn(answer);
  if (reject === null) return 'accepted';
  if (typeof reject === 'string') return 'rejected';
  throw new CodedError('cdr-service-refuses', `${url.href} answers, and not as service cdr does`);
}

function rejectIn(answer: string): unknown {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === 'object' && value !== null && 'reject' in value ? value.reject : undefined;
  } catch {
    return undefined;
  }
}
