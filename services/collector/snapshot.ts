import { CodedError } from '../../libs/errors/coded-error.ts';
import type { RawEvent } from '../../libs/freeswitch/event/channel-event.ts';
import { isPlainUuid } from '../../libs/freeswitch/leg-uuid.ts';

/** A list of a node can be long (1 kB a channel) and is written under a lock of its core. */
const SHOW_MS = 30_000;
/** `uuid_dump`s on their way at once. */
const DUMPS_AT_ONCE = 20;

export type Api = (command: string, timeoutMs?: number) => Promise<string>;
type Row = Record<string, unknown>;

/** The rows of `show WHAT as json`; an empty list has no `rows`. @throws CodedError `esl-reply-invalid`, and those of `api` */
export async function show(api: Api, what: 'channels' | 'registrations'): Promise<Row[]> {
  const reply = await api(`show ${what} as json`, SHOW_MS);
  try {
    const { rows = [] } = JSON.parse(reply) as { rows?: Row[] };
    if (Array.isArray(rows)) return rows;
  } catch (cause) {
    throw invalid(what, reply, cause);
  }
  throw invalid(what, reply);
}

/** The uuids of `show channels`. */
export async function showChannels(api: Api): Promise<string[]> {
  const rows = await show(api, 'channels');
  return rows.map((row) => row['uuid']).filter((uuid) => typeof uuid === 'string');
}

/**
 * What `uuid_dump` says about each of these legs; one that ended meanwhile is left out, and one with a space, which would begin the
 * next argument. @throws those of `api`
 */
export async function dumpLegs(
  api: Api,
  uuids: readonly string[],
  onDump: (event: RawEvent) => void,
): Promise<void> {
  for (let at = 0; at < uuids.length; at += DUMPS_AT_ONCE) {
    const chunk = uuids.slice(at, at + DUMPS_AT_ONCE).filter(isPlainUuid);
    const replies = await Promise.all(chunk.map((uuid) => api(`uuid_dump ${uuid} json`)));
    for (const reply of replies) if (reply.startsWith('{')) onDump(readDump(reply));
  }
}

function readDump(reply: string): RawEvent {
  try {
    return JSON.parse(reply) as RawEvent;
  } catch (cause) {
    throw invalid('uuid_dump', reply, cause);
  }
}

function invalid(what: string, reply: string, cause?: unknown): CodedError {
  return new CodedError('esl-reply-invalid', `the answer to ${what} cannot be read`, {
    cause,
    details: { beginning: reply.slice(0, 200) },
  });
}
