import type { Bus } from '../../bus/bus.ts';
import type { Config } from '../../config/config.ts';
import type { CdrRecord } from '../../records/cdr-record.ts';
import { TOPICS } from '../../records/topics.ts';
import type { CdrRejection } from './cdr-rejection.ts';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from './kept-variables.ts';
import { parseCdr } from './parse-cdr.ts';
import { IMPORTED } from './posted-cdr.ts';

/** A body that is stored somewhere, and what was known of it beside its bytes. */
export interface KnownBody {
  body: Buffer;
  uuid?: string | undefined;
  node?: string | undefined;
  receivedUs: number;
  /** it may have been made of another system's row: only what an import of a history made is, and no server's CDR */
  isHistory?: boolean;
}

export type Reparse = (known: KnownBody) => { ok: CdrRecord } | { reject: CdrRejection };

/** Reads bodies as service cdr of this release and this configuration does. */
export function createReparse(config: Pick<Config, 'CDR_VARIABLES'>): Reparse {
  const keepVariable = keptVariables(config.CDR_VARIABLES ?? DEFAULT_KEPT_VARIABLES);
  return ({ body, uuid, node, receivedUs, isHistory = false }) => {
    const read = parseCdr(body, { uuid, node, receivedUs, keepVariable });
    return 'ok' in read && read.ok.imported && !isHistory ? { reject: IMPORTED } : read;
  };
}

/** Publishes CDRs; resolves when they are durable. @throws CodedError those of `Bus.publish` */
export async function publishCdrs(bus: Bus, records: readonly CdrRecord[]): Promise<void> {
  if (records.length === 0) return;
  await bus.publish(
    TOPICS.cdrs,
    records.map((record) => ({ key: record.cdr.uuid, value: record })),
  );
}
