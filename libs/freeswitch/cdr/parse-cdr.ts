import { messageOf } from '../../errors/coded-error.ts';
import type { CdrRecord } from '../../records/cdr-record.ts';
import type { Variables } from '../../records/variables.ts';
import { packBody } from '../../store/document.ts';
import { type CdrFormat, decodeBody } from './cdr-body.ts';
import { type CdrDocument, keptCallflows } from './cdr-document.ts';
import { callflowFields, type FieldHints, fieldsOf } from './cdr-fields.ts';
import { CdrRejected, type CdrRejection } from './cdr-rejection.ts';
import { documentText } from './document-text.ts';
import { type JsonOptions, readJsonDocument } from './json-document.ts';
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

/** Where a body is decoded, one at a time: a buffer for each would be most of the garbage. Records hold no part of it. */
const ROOM = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Reads what mod_xml_cdr or mod_json_cdr posted, or left in a spool file, in any of their encodings. Never throws on any
 * bytes: what cannot be read is told with a coded reason, and the caller keeps the bytes.
 */
export function parseCdr(body: Buffer, hints: ParseHints): ParsedCdr {
  const uses = usesOf(hints.keepVariable);
  try {
    const { format, document: bytes, isDecoded } = decodeBody(body, ROOM);
    const document = decodedDocument(format, bytes, { isWanted: uses.isRead, isDecoded });
    return { ok: toRecord({ format, bytes, document, hints, uses }) };
  } catch (error) {
    return { reject: rejectionOf(error) };
  }
}

/** A fault of the parser concerns the one body that met it. */
function rejectionOf(error: unknown): CdrRejection {
  if (error instanceof CdrRejected) return error.rejection;
  return { reason: 'cdr-malformed', detail: `the parser failed: ${messageOf(error).slice(0, 200)}` };
}

/** A document with its variables as they are shown, and as JSON has them. */
type PlainDocument = Omit<CdrDocument, 'variables'> & { variables: Variables };

/** The whole document of a CDR, decoded. @throws CdrRejected, whatever the parser met */
export function readDocument(format: CdrFormat, bytes: Buffer): PlainDocument {
  const document = wholeDocument(format, bytes);
  const variables: Record<string, Variables[string]> = {};
  for (const [name, value] of document.variables) setOwn(variables, name, value);
  return { ...document, variables };
}

function wholeDocument(format: CdrFormat, bytes: Buffer): CdrDocument {
  try {
    return decodedDocument(format, bytes);
  } catch (error) {
    const { reason, detail } = rejectionOf(error);
    throw new CdrRejected(reason, detail);
  }
}

/** With `isWanted`, at least the variables it names. */
function decodedDocument(format: CdrFormat, bytes: Buffer, options: JsonOptions = {}): CdrDocument {
  const text = documentText(bytes);
  return format === 'xml' ? readXmlDocument(text, options.isWanted, bytes) : readJsonDocument(text, options);
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
    callflows: keptCallflows(document.callflows).map(callflowFields),
  };
}
