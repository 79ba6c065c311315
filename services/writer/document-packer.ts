import type { Clock } from '../../libs/clock/clock.ts';
import { messageOf } from '../../libs/errors/coded-error.ts';
import type { Pool } from '../../libs/postgres/database.ts';
import type { CdrRecord } from '../../libs/records/cdr-record.ts';
import { findTrained } from '../../libs/store/dictionary/dictionary.sql.ts';
import { documentOf, LARGEST, type PackedDocument, packedDocumentOf } from '../../libs/store/document.ts';
import { createFramePacker, type PackFrame } from '../../libs/store/frame-packer.ts';
import type { Logger } from '../../libs/telemetry/logger.ts';

/** Packs a record's document for the store. */
export type PackDocument = (record: CdrRecord) => Promise<PackedDocument>;

interface Trained {
  id: number;
  pack: PackFrame;
}

/** A dictionary that was trained meanwhile is used that much later. */
const LOOK_US = 60_000_000;

/**
 * Makes the packer of one writer: with the fleet's own dictionary where one was trained, else the document stays packed as
 * it came over the bus, where every service can read it.
 */
export function createDocumentPacker(pool: Pool, clock: Clock, logger: Logger): PackDocument {
  const trained = new Map<CdrRecord['format'], Trained>();
  let lookedUs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    if (clock.nowUs() - lookedUs < LOOK_US) return;
    lookedUs = clock.nowUs();
    const known = [...trained.values()].map(({ id }) => id);
    for (const { id, format, bytes } of await findTrained(pool, known)) {
      if (bytes === null) continue;
      trained.set(format, { id, pack: createFramePacker({ dictionary: bytes, largest: LARGEST }) });
      logger.info({ dictionary: id, format }, 'documents are packed with a trained dictionary');
    }
  }

  return async (record) => {
    await look().catch((error: unknown) => {
      logger.warn({ reason: messageOf(error) }, 'trained dictionaries cannot be read, will try again');
    });
    const own = trained.get(record.format);
    const bytes = own && record.body_encoding === 'zstd' ? bytesOf(record) : undefined;
    if (own === undefined || bytes === undefined) return packedDocumentOf(record);
    return { compression: 'zstd', dictionary: own.id, body: own.pack(bytes) };
  };
}

/** Undefined where the record holds something else: it is stored as it came, or it would stop its batch for ever. */
function bytesOf(record: CdrRecord): Buffer | undefined {
  try {
    return documentOf(record);
  } catch {
    return undefined;
  }
}
