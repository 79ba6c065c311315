import type { BusRecord } from '../../bus/bus.ts';
import type { CdrRecord } from '../../records/cdr-record.ts';
import type { CdrReject } from '../../records/cdr-reject.ts';
import { TOPICS, type Topic } from '../../records/topics.ts';
import type { CdrRejection } from './cdr-rejection.ts';
import { parseCdr } from './parse-cdr.ts';

/** One post, as far as it matters for what becomes of it. */
export interface PostedCdr {
  body: Buffer;
  /** path and query */
  url: string;
  contentType: string | undefined;
  sourceIp: string;
  /** the node that the credential is bound to */
  node: string | undefined;
  receivedUs: number;
  /** the leg that a spooled file is named for; else the URL may name it */
  uuid?: string | undefined;
}

/** What goes to the bus for one post. */
export interface Outgoing {
  topic: Topic;
  record: BusRecord;
  /** why it is a reject, undefined for a CDR */
  reason: string | undefined;
  uuid: string | null;
  /** whose it is: by the document, or by the credential where the document cannot be read */
  node: string | null;
}

/** Reads a post: a record for `cdrs`, or, when it cannot be read, one for `cdr-rejects` with all its bytes. */
export function toOutgoing(post: PostedCdr, keepVariable: (name: string) => boolean): Outgoing {
  const uuid = hintOf(post);
  const parsed = parseCdr(post.body, { uuid, node: post.node, receivedUs: post.receivedUs, keepVariable });
  if ('reject' in parsed) return rejected(post, parsed.reject.reason, parsed.reject.detail);
  if (parsed.ok.imported) return rejected(post, IMPORTED.reason, IMPORTED.detail);
  return isForeign(parsed.ok, post.node) ? rejected(post, FOREIGN, FOREIGN_DETAIL) : accepted(parsed.ok);
}

/** Why a server's CDR must not say that it was made of another system's row: any other CDR of the leg would take its place. */
export const IMPORTED: CdrRejection = {
  reason: 'cdr-ambiguous',
  detail: "the document says that it was made of another system's row, as no server writes any",
};

export const FOREIGN = 'cdr-foreign-node';
const FOREIGN_DETAIL = 'the credential is of one node, and the document says that it is of another';

/** A node speaks for itself only: whoever has its credential must not write the history of others. */
export function isForeign({ node }: CdrRecord, credential: string | null | undefined): boolean {
  return typeof credential === 'string' && node.toLowerCase() !== credential.toLowerCase();
}

function accepted(record: CdrRecord): Outgoing {
  const { uuid } = record.cdr;
  return {
    topic: TOPICS.cdrs,
    record: { key: uuid, value: record },
    reason: undefined,
    uuid,
    node: record.node,
  };
}

/** A post as a reject: its bytes are kept whole. */
export function rejected(post: PostedCdr, reason: string, detail: string): Outgoing {
  const uuid = hintOf(post) ?? null;
  const value: CdrReject = {
    v: 1,
    reason,
    detail,
    node: post.node ?? null,
    uuid,
    source_ip: post.sourceIp,
    path: post.url.slice(0, MAX_PATH),
    content_type: post.contentType ?? null,
    received_us: post.receivedUs,
    body_base64: post.body.toString('base64'),
  };
  const key = uuid ?? post.node ?? 'unknown';
  return { topic: TOPICS.cdrRejects, record: { key, value }, reason, uuid, node: value.node };
}

function hintOf({ uuid, url }: PostedCdr): string | undefined {
  return uuid ?? uuidHint(url);
}

const MAX_PATH = 512;

/**
 * The leg that the URL names: `?uuid=[a_]UUID`, or `&uuid=` after a query, or (seen after FreeSWITCH rotated its URLs)
 * after a path. Only a hint, since the document decides.
 */
export function uuidHint(url: string): string | undefined {
  return /[?&]uuid=(?:a_)?([A-Za-z0-9_.-]{1,128})(?:&|$)/.exec(url)?.[1];
}
