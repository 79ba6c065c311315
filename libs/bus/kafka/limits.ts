const KIB = 1024;
const MIB = 1024 * KIB;

/** A batch, published or delivered, is cut at this size; a single larger record travels alone. */
export const BATCH_BYTES = 768 * KIB;

/** `max.message.bytes` of the topics. */
export const MESSAGE_BYTES = 24 * MIB;

/** A record's key and value together: what is left of a message beside its envelope. */
export const RECORD_BYTES = MESSAGE_BYTES - 4 * KIB;

/** What may wait to be published in one process; more is refused as `bus-overloaded`. */
export const WAITING_BYTES = 64 * MIB;
export const WAITING_RECORDS = 100_000;

/** What may wait for each topic all the same: one that Kafka does not take fills the bound, and the others are to pass it by. */
export const OWN_BYTES = 8 * MIB;
export const OWN_RECORDS = 5_000;

/** Records of one produce request. */
export const REQUEST_RECORDS = 5_000;

/**
 * A request smaller than this is not worth compressing: each partition's part is compressed alone, and making a
 * compressor for a few kilobytes costs more than their transport. What waits while brokers are slow is.
 */
export const COMPRESS_BYTES = 256 * KIB;
