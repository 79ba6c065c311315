import { JsonBytes } from '../../libs/bus/json-bytes.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import { type Outgoing, type PostedCdr, rejected, toOutgoing } from '../../libs/freeswitch/cdr/posted-cdr.ts';

/**
 * Reads a post in this thread; the value of a CDR's record is its JSON. A post that breaks the parser is kept as a reject: it must
 * not take its neighbours along.
 */
export function readPost(post: PostedCdr, keepVariable: (name: string) => boolean): Outgoing {
  try {
    const outgoing = toOutgoing(post, keepVariable);
    if (outgoing.reason !== undefined) return outgoing;
    const { key, value } = outgoing.record;
    return { ...outgoing, record: { key, value: new JsonBytes(Buffer.from(JSON.stringify(value))) } };
  } catch (error) {
    return rejected(post, 'cdr-malformed', `the parser failed: ${messageOf(error)}`);
  }
}
