import { CodedError } from '../../libs/errors/coded-error.ts';
import { keptText } from '../../libs/freeswitch/kept-value.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import type { CdrReject } from '../../libs/records/cdr-reject.ts';
import { documentOf, sha256 } from '../../libs/store/document.ts';
import type { RejectRow } from '../../libs/store/reject.sql.ts';
import { deepJson } from './deep-json.ts';
import type { LegDocument } from './leg-documents.ts';

/** A row for a reject as it came from the bus. Texts lose what PostgreSQL cannot hold, so that no reject is poison itself. */
export function toRejectRow(reject: CdrReject): RejectRow {
  const body = Buffer.from(reject.body_base64, 'base64');
  return {
    reason: keptText(reject.reason),
    detail: keptText(reject.detail),
    switch_name: textOrNull(reject.node),
    uuid: textOrNull(reject.uuid),
    source_ip: textOrNull(reject.source_ip),
    path: keptText(reject.path),
    content_type: textOrNull(reject.content_type),
    receipts_us: [reject.received_us],
    body_sha256: sha256(body),
    body,
  };
}

/** A row for a document that is a CDR, but is not the leg's row. */
export function setAside(document: LegDocument, reason: string, detail: string): RejectRow {
  const { record } = document;
  return {
    reason,
    detail: keptText(detail),
    switch_name: record.node,
    uuid: record.cdr.uuid,
    source_ip: null,
    path: '',
    content_type: null,
    receipts_us: [record.received_us],
    body_sha256: document.sha256,
    body: bytesOf(record),
  };
}

function bytesOf(record: CdrRecord): Buffer {
  try {
    return documentOf(record);
  } catch (error) {
    return packedAfter(error, Buffer.from(record.body, 'base64'));
  }
}

/** A document that cannot be unpacked is set aside as it is packed: it must not stop the batch. @throws any error but that */
export function packedAfter(error: unknown, packed: Buffer): Buffer {
  if (error instanceof CodedError) return packed;
  throw error;
}

/** A row for what the bus delivered and is no record of ours. */
export function unreadableRow(value: unknown, key: string, receivedUs: number): RejectRow {
  // what was no JSON is delivered as its text
  const body = Buffer.from(typeof value === 'string' ? value : jsonOf(value));
  const detail = 'the bus delivered something that is no record of this topic';
  return { ...bareRow(body, detail, receivedUs), uuid: keptText(key) };
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return deepJson(value);
  }
}

/** A row that the table takes whatever the bytes are, when one with all that was said of them was refused. */
export function bareRow(body: Buffer, detail: string, receivedUs: number): RejectRow {
  return {
    reason: 'record-invalid',
    detail: keptText(detail),
    switch_name: null,
    uuid: null,
    source_ip: null,
    path: '',
    content_type: null,
    receipts_us: [receivedUs],
    body_sha256: sha256(body),
    body,
  };
}

/** One row for each (bytes, reason), with all times: a statement cannot touch a row twice. It says what the latest says. */
export function mergeRejects(rows: readonly RejectRow[]): RejectRow[] {
  const groups = Map.groupBy(rows, ({ body_sha256, reason }) => `${body_sha256.toString('hex')} ${reason}`);
  return [...groups.values()].flatMap((group) => {
    const latest = group.reduce((last, row) => (lastOf(row) > lastOf(last) ? row : last));
    const times = new Set(group.flatMap(({ receipts_us }) => receipts_us));
    return [{ ...latest, receipts_us: [...times].sort((left, right) => left - right) }];
  });
}

function lastOf({ receipts_us }: RejectRow): number {
  return receipts_us.at(-1) ?? 0;
}

function textOrNull(text: string | null): string | null {
  return text === null ? null : keptText(text);
}
