const KIB = 1024;
const MIB = 1024 * KIB;

/** Hash partitions of a topic. */
export const PARTITIONS = 16;

/** A batch, published or delivered, is cut at this size; a single larger record travels alone. */
export const BATCH_BYTES = 768 * KIB;

/** A record's key and value together (24 MiB less an envelope, as on Kafka). */
export const RECORD_BYTES = 24 * MIB - 4 * KIB;

/** What may wait to be published in one process; more is refused as `bus-overloaded`. */
export const WAITING_BYTES = 64 * MIB;
export const WAITING_RECORDS = 100_000;

/** What this process published and its own readers have still to read: so much is kept in memory, the rest is fetched. */
export const RECENT_BYTES = 16 * MIB;
export const RECENT_RECORDS = 20_000;
export const RECENT_MS = 30_000;

/** Readers that find what they need in memory look into the database so often nevertheless: others publish as well. */
export const ASK_MS = 1_000;

/** Records of one transaction. */
export const TRANSACTION_RECORDS = 2_000;

/** NOTIFY channel; the payload is the topic that has news, or `group:` and the group whose members changed. */
export const CHANNEL = 'switchfleet_bus';
export const GROUP_NEWS = 'group:';

/** How long news can stay unnoticed when its notification was lost. */
export const POLL_MS = 1_000;

/**
 * While several publish side by side, a transaction waits this long for as many as there were lately, and a reader reads this far
 * apart: both cost the same for one record as for twenty. A lone record waits for nothing, and no transaction does when nobody
 * came for LULL_MS and none is announced.
 */
export const GATHER_PUBLISH_MS = 3;
export const LULL_MS = 2;
export const GATHER_READ_MS = 20;

/** Other processes are told of news this far apart: the readers of this one know at once. */
export const TELL_MS = 40;
