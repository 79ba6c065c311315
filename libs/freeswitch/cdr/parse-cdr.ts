import type { CdrRecord } from '../../records/cdr-record.ts';
import type { Variables } from '../../records/variables.ts';
import { packBody } from '../../store/document.ts';
import { keptValue, MAX_KEPT_VARIABLES } from '../kept-value.ts';
import { isLegVariable } from '../leg-variables.ts';
import { type CdrFormat, decodeBody } from './cdr-body.ts';
import type { CdrDocument } from './cdr-document.ts';
import { callflowFields, type FieldHints, fieldsOf, isFieldVariable } from './cdr-fields.ts';
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
  const { keepVariable } = hints;
  try {
    const { format, document: bytes } = decodeBody(body);
    const isWanted = (name: string) => isFieldVariable(name) || isLegVariable(name) || keepVariable(name);
    return { ok: toRecord({ format, bytes, document: readDocument(format, bytes, isWanted), hints }) };
  } catch (error) {
    if (error instanceof CdrRejected) return { reject: error.rejection };
    throw error;
  }
}

/** The whole document of a CDR, decoded; with `isWanted`, at least the variables it names. @throws CdrRejected */
export function readDocument(
  format: CdrFormat,
  bytes: Buffer,
  isWanted?: (variable: string) => boolean,
): CdrDocument {
  const text = bytes.toString('utf8');
  return format === 'xml' ? readXmlDocument(text, isWanted) : readJsonDocument(text, isWanted);
}

interface Read {
  format: CdrFormat;
  bytes: Buffer;
  document: CdrDocument;
  hints: ParseHints;
}

function toRecord({ format, bytes, document, hints }: Read): CdrRecord {
  const cdr = fieldsOf(document, hints);
  return {
    v: 1,
    format,
    node: cdr.switch_name,
    received_us: hints.receivedUs,
    ...packBody(format, bytes),
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
  const names = Object.keys(variables).filter(keep).slice(0, MAX_KEPT_VARIABLES);
  return Object.fromEntries(names.map((name) => [name, keptValue(variables[name] ?? '')]));
}
