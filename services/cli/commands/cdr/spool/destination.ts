import { CodedError, messageOf } from '../../../../../libs/errors/coded-error.ts';
import { rejected } from '../../../../../libs/freeswitch/cdr/posted-cdr.ts';
import { createReparse, publishCdrs, type Reparse } from '../../../../../libs/freeswitch/cdr/reparse.ts';
import { areStored } from '../../../../../libs/store/stored-cdr.sql.ts';
import { createRecentKeys } from '../recent-keys.ts';
import type { Store } from '../with-bus.ts';
import type { ReadFile } from './spooled-file.ts';

/**
 * What became of a file: stored now; stored before; taken by a service, which stores it once and does not know whether it
 * was; kept as a reject since it cannot be read; or refused by a service for its size, which no other try changes.
 */
export type Outcome = 'imported' | 'duplicate' | 'accepted' | 'rejected' | 'refused';

/** Where files go. Resolves with what became of each: an error says that it may not be durable. @throws CodedError when none may be */
export type Destination = (files: readonly ReadFile[]) => Promise<(Outcome | CodedError)[]>;

/** The store itself, over the bus: knows what is stored already. */
export function storeDestination(
  { bus, database, clock }: Store,
  config: { CDR_VARIABLES?: string[] | undefined },
): Destination {
  const reparse = createReparse({ CDR_VARIABLES: config.CDR_VARIABLES });
  const taken = createRecentKeys();
  return async (files) => {
    const receivedUs = clock.nowUs();
    const read = files.map((file) => readFile(file, { reparse, receivedUs }));
    const records = read.map((parsed) => ('ok' in parsed ? parsed.ok : undefined));
    const known = records.flatMap((record) => (record === undefined ? [] : [record]));
    const stored = await areStored(
      database.write,
      known.map(({ cdr, format, body_sha256 }) => ({
        uuid: cdr.uuid,
        start_us: cdr.start_us,
        format,
        body_sha256,
      })),
    );
    // log-dir and err-log-dir may have the same CDR, in two encodings
    const isStored = new Map(
      known.map((record, at) => {
        const { format, cdr, body_sha256 } = record;
        return [record, stored[at] === true || !taken.add(`${format} ${body_sha256} ${cdr.uuid}`)];
      }),
    );
    await publishCdrs(
      bus,
      known.filter((record) => isStored.get(record) !== true),
    );
    for (const [at, parsed] of read.entries()) {
      const file = files[at];
      if ('ok' in parsed || file === undefined) continue;
      const post = {
        body: file.body,
        url: `file:${file.name}`,
        uuid: file.uuid,
        contentType: undefined,
        sourceIp: '',
        node: undefined,
      };
      const { topic, record } = rejected(
        { ...post, receivedUs: Math.round(file.mtimeMs * 1000) },
        parsed.reject.reason,
        parsed.reject.detail,
      );
      await bus.publish(topic, [record]);
    }
    return records.map((record) => {
      if (record === undefined) return 'rejected';
      return isStored.get(record) === true ? 'duplicate' : 'imported';
    });
  };
}

type Reading = { reparse: Reparse; receivedUs: number };

/** A file that breaks the parser is kept as a reject, as service cdr does: it must not take its neighbours along. */
function readFile({ body, uuid }: ReadFile, { reparse, receivedUs }: Reading): ReturnType<Reparse> {
  try {
    return reparse({ body, uuid, receivedUs });
  } catch (error) {
    return { reject: { reason: 'cdr-malformed', detail: `the parser failed: ${messageOf(error)}` } };
  }
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
 */
export function serviceDestination({ url, username, password }: ServiceAddress): Destination {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  async function post({ body, uuid, name }: ReadFile): Promise<Outcome> {
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
