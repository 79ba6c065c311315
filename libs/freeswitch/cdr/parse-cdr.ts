import type { CdrRecord } from '../../records/cdr-record.ts';
import type { Variables } from '../../records/variables.ts';
import { packBody } from '../../store/document.ts';
import { type CdrFormat, decodeBody } from './cdr-body.ts';
import type { CdrDocument } from './cdr-document.ts';
import { callflowFields, type FieldHints, fieldsOf } from './cdr-fields.ts';
import { CdrRejected, type CdrRejection } from './cdr-rejection.ts';
import { documentText } from './document-text.ts';
import { readJsonDocument } from './json-document.ts';
import { setOwn } from './own-property.ts';
import { recordVariables } from './record-variables.ts';
import { usesOf, type VariableUses } from './variable-uses.ts';
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

/** Where a body is decoded, one at a time: a buffer for each would be most of the garbage. Records hold no part of it. */
const ROOM = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Reads what mod_xml_cdr or mod_json_cdr posted, or left in a spool file, in any of their encodings. Never throws on any
 * bytes: what cannot be read is told with a coded reason, and the caller keeps the bytes.
 */
export function parseCdr(body: Buffer, hints: ParseHints): ParsedCdr {
  const uses = usesOf(hints.keepVariable);
  try {
    const { format, document: bytes } = decodeBody(body, ROOM);
    const document = decodedDocument(format, bytes, uses.isRead);
    return { ok: toRecord({ format, bytes, document, hints, uses }) };
  } catch (error) {
    if (error instanceof CdrRejected) return { reject: error.rejection };
    throw error;
  }
}

/** A document with its variables as they are shown, and as JSON has them. */
type PlainDocument = Omit<CdrDocument, 'variables'> & { variables: Variables };

/** The whole document of a CDR, decoded. @throws CdrRejected */
export function readDocument(format: CdrFormat, bytes: Buffer): PlainDocument {
  const document = decodedDocument(format, bytes);
  const variables: Record<string, Variables[string]> = {};
  for (const [name, value] of document.variables) setOwn(variables, name, value);
  return { ...document, variables };
}

/** With `isWanted`, at least the variables it names. */
function decodedDocument(
  format: CdrFormat,
  bytes: Buffer,
  isWanted?: (variable: string) => boolean,
): CdrDocument {
  const text = documentText(bytes);
  return format === 'xml' ? readXmlDocument(text, isWanted, bytes) : readJsonDocument(text, isWanted);
}

interface Read {
  format: CdrFormat;
  bytes: Buffer;
  document: CdrDocument;
  hints: ParseHints;
  uses: VariableUses;
}

function toRecord({ format, bytes, document, hints, uses }: Read): CdrRecord {
  const cdr = fieldsOf(document, hints);
  return {
    v: 1,
    format,
    node: cdr.switch_name,
    received_us: hints.receivedUs,
    ...packBody(format, bytes),
    ...(document.imported && { imported: true }),
    cdr,
    ...recordVariables(document.variables, uses),
    callflows: boundedCallflows(document).map(callflowFields),
  };
}

/** The oldest is kept in any case: it says what the leg was first asked for. */
function boundedCallflows({ callflows }: CdrDocument): CdrDocument['callflows'] {
  if (callflows.length <= MAX_CALLFLOWS) return callflows;
  return [...callflows.slice(0, MAX_CALLFLOWS - 1), ...callflows.slice(-1)];
}
