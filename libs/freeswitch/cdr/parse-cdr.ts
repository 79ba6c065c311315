import { isUtf8 } from 'node:buffer';
import type { CdrRecord } from '../../records/cdr-record.ts';
import type { Variables } from '../../records/variables.ts';
import { keptValue, MAX_KEPT_VARIABLES } from '../kept-value.ts';
import { isLegVariable } from '../leg-variables.ts';
import { type CdrFormat, decodeBody } from './cdr-body.ts';
import type { CdrDocument } from './cdr-document.ts';
import { callflowFields, type FieldHints, fieldsOf } from './cdr-fields.ts';
import { CdrRejected, type CdrRejection } from './cdr-rejection.ts';
import { readJsonDocument } from './json-document.ts';
import { readXmlDocument } from './xml-document.ts';

export interface ParseHints extends FieldHints {
  /** our clock at receipt, microseconds */
  receivedUs: number;
  /** which variables go to `variables` (the configured list) */
  keepVariable: (name: string) => boolean;
}

export type ParsedCdr = { ok: CdrRecord } | { reject: CdrRejection };

/** Guards the bus and the merger: FreeSWITCH writes one callflow a transfer. */
const MAX_CALLFLOWS = 256;

/**
 * Reads what mod_xml_cdr or mod_json_cdr posted, or left in a spool file, in any of their encodings. Never throws on any
 * bytes: what cannot be read is told with a coded reason, and the caller keeps the bytes.
 */
export function parseCdr(body: Buffer, hints: ParseHints): ParsedCdr {
  try {
    const { format, document: bytes } = decodeBody(body);
    return { ok: toRecord({ format, bytes, document: readDocument(format, bytes), hints }) };
  } catch (error) {
    if (error instanceof CdrRejected) return { reject: error.rejection };
    throw error;
  }
}

/** The whole document of a CDR, decoded. @throws CdrRejected */
export function readDocument(format: CdrFormat, bytes: Buffer): CdrDocument {
  const text = bytes.toString('utf8');
  return format === 'xml' ? readXmlDocument(text) : readJsonDocument(text);
}

interface Read {
  format: CdrFormat;
  bytes: Buffer;
  document: CdrDocument;
  hints: ParseHints;
}

function toRecord({ format, bytes, document, hints }: Read): CdrRecord {
  const utf8 = isUtf8(bytes);
  const cdr = fieldsOf(document, hints);
  return {
    v: 1,
    format,
    node: cdr.switch_name,
    received_us: hints.receivedUs,
    body: bytes.toString(utf8 ? 'utf8' : 'base64'),
    body_encoding: utf8 ? 'utf8' : 'base64',
    cdr,
    variables: kept(document.variables, hints.keepVariable),
    leg_variables: kept(document.variables, isLegVariable),
    callflows: boundedCallflows(document).map(callflowFields),
  };
}

/** The oldest is kept in any case: it says what the leg was first asked for. */
function boundedCallflows({ callflows }: CdrDocument): CdrDocument['callflows'] {
  if (callflows.length <= MAX_CALLFLOWS) return callflows;
  return [...callflows.slice(0, MAX_CALLFLOWS - 1), ...callflows.slice(-1)];
}

function kept(variables: Variables, keep: (name: string) => boolean): Variables {
  const entries = Object.entries(variables)
    .filter(([name]) => keep(name))
    .slice(0, MAX_KEPT_VARIABLES);
  return Object.fromEntries(entries.map(([name, value]) => [name, keptValue(value)]));
}
