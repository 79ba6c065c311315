import { postgresUrl } from './postgres-url.ts';
import {
  brokers,
  carriedHeader,
  host,
  integer,
  list,
  namespace,
  networks,
  oneOf,
  recordingUrl,
  secret,
  text,
  url,
  type Variable,
} from './variable.ts';

/**
 * Every environment variable that switchfleet knows. A name that begins with a prefix of ours and is not here is an error.
 * A secret is also read from the file that NAME_FILE names.
 */
export const VARIABLES = {
  DATA_DIR: text('./data', 'folder of standalone: embedded PostgreSQL, secrets, snapshots, lock'),
  LOG_LEVEL: oneOf(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    'info',
    'how much is logged',
  ),
  JOURNAL_STREAM: text(
    undefined,
    "set by systemd for its journal: standalone prints no secrets into it, they are in the data folder's connect.txt",
  ),
  INSTANCE_ID: text(undefined, 'name of this instance in service_status and leases; hostname-pid by default'),

  DATABASE_URL: postgresUrl('PostgreSQL that is written to; embedded in standalone when absent'),
  DATABASE_READ_URL: postgresUrl('replica for reports'),
  DATABASE_POOL_SIZE: integer({ default: 10, min: 1, max: 200 }, 'connections of one pool'),
  DATABASE_TIMEOUT_MS: integer(
    { default: 10_000, min: 100, max: 600_000 },
    'connect and statement time limit',
  ),
  KAFKA_BROKERS: brokers('host:port, comma separated; the PostgreSQL bus when absent'),
  KAFKA_PARTITIONS: integer({ default: 12, min: 1, max: 1000 }, 'partitions of topics that we create'),
  KAFKA_REPLICATION: integer({ default: 1, min: 1, max: 9 }, 'replication factor of topics that we create'),
  KAFKA_NAMESPACE: namespace(
    'put before the names of topics and groups, with a dot: several fleets can share one Kafka',
  ),
  KAFKA_TLS: oneOf(['off', 'on'], 'off', 'whether brokers are spoken to over TLS; their names are checked'),
  KAFKA_TLS_CA: text(
    undefined,
    "file of the CA (PEM) that must have signed the brokers' certificates; those that Node.js trusts by default",
  ),
  KAFKA_TLS_CERTIFICATE: text(undefined, 'file of our own certificate (PEM), where brokers ask for one'),
  KAFKA_TLS_PRIVATE_KEY: text(undefined, 'file of its private key (PEM)'),
  KAFKA_SASL_MECHANISM: oneOf(
    ['scram-sha-512', 'scram-sha-256', 'plain'],
    'scram-sha-512',
    'how we say who we are, where KAFKA_SASL_USERNAME is set; plain only over TLS',
  ),
  KAFKA_SASL_USERNAME: text(undefined, 'our name at Kafka'),
  KAFKA_SASL_PASSWORD: secret('our password at Kafka'),
  BUS_TIMEOUT_MS: integer(
    { default: 10_000, min: 100, max: 120_000 },
    'how long a publish may wait to be durable',
  ),
  BUS_SESSION_MS: integer(
    { default: 6_000, min: 500, max: 300_000 },
    'a member of a group that is silent for this long loses its partitions',
  ),

  HTTP_HOST: text('127.0.0.1', 'address the HTTP listeners bind to'),
  HTTP_TLS_CERTIFICATE: text(
    undefined,
    'file of the certificate (PEM, with its chain) that every HTTP listener presents; plain HTTP when absent',
  ),
  HTTP_TLS_PRIVATE_KEY: text(undefined, 'file of its private key (PEM)'),
  HTTP_TLS_CLIENT_CA: text(
    undefined,
    'file of the CA (PEM) that must have signed the certificates of clients (mTLS), of those that ask for health as well',
  ),
  API_PORT: integer({ default: 3100, min: 0, max: 65_535 }, 'api'),
  DIRECTORY_PORT: integer({ default: 3101, min: 0, max: 65_535 }, 'directory'),
  CDR_PORT: integer({ default: 3102, min: 0, max: 65_535 }, 'cdr'),
  ROUTING_PORT: integer({ default: 3103, min: 0, max: 65_535 }, 'routing'),
  COLLECTOR_PORT: integer({ default: 3106, min: 0, max: 65_535 }, 'collector: health and metrics'),
  WRITER_PORT: integer({ default: 3107, min: 0, max: 65_535 }, 'writer: health and metrics'),
  MERGER_PORT: integer({ default: 3108, min: 0, max: 65_535 }, 'merger: health and metrics'),
  PUBLIC_HOST: host(
    'address that FreeSWITCH and Kamailio reach us at, for the printed lines; HTTP_HOST by default',
  ),
  DRAIN_MS: integer(
    { default: 0, min: 0, max: 15_000 },
    'how long a stopping service goes on serving after it says not ready; a process stops within 30 s in all',
  ),

  FREESWITCH_USERNAME: text('freeswitch', 'Basic auth name that FreeSWITCH sends (the shared credential)'),
  FREESWITCH_PASSWORD: secret('Basic auth password that FreeSWITCH sends (the shared credential)'),
  KAMAILIO_USERNAME: text('kamailio', 'Basic auth name that Kamailio sends'),
  KAMAILIO_PASSWORD: secret('Basic auth password that Kamailio sends'),
  API_TOKEN: secret("the administrator's bearer token, beside those of `switchfleet token create`"),
  API_SEARCH_MS: integer(
    { default: 5_000, min: 100, max: 300_000 },
    'time of one search or report, up to DATABASE_TIMEOUT_MS; a search that is not through by then says how far it got',
  ),
  API_REQUEST_LIMIT: integer(
    { default: 6_000, min: 10, max: 10_000_000 },
    'requests that one token may make of one api in a minute; above it 429',
  ),
  API_AUDIT_RETENTION_DAYS: integer(
    { default: 730, min: 1, max: 36_500 },
    'days of table audit_log (who changed what) that are kept',
  ),
  API_HOMER_URL: url(
    ['http:', 'https:'],
    undefined,
    "address of a call's packets in Homer, to which the console links: {call_id}, {from_ms} and {to_ms} are filled in",
  ),
  API_FAILURE_LIMIT: integer(
    { default: 30, min: 1, max: 1_000_000 },
    'wrong tokens from one address in a minute; above it 429. Good tokens are not held up',
  ),
  API_TRUSTED_PROXIES: networks(
    'reverse proxies before the api: only what they say in X-Forwarded-For is believed, in limits and the audit log; nobody by default',
  ),
  RECORDING_ROOTS: list(
    undefined,
    'folders of recordings as FreeSWITCH servers name them, {node} for the switchname: what lies below is found',
  ),
  RECORDING_DIR: text(
    undefined,
    'the same folder as the api sees it (NFS and the like), {node} for the switchname',
  ),
  RECORDING_URL: recordingUrl(
    'where recordings are instead: a URL with {node} and {path}, and {expires} and {signature} for a web server',
  ),
  RECORDING_URL_SECRET: secret(
    'key of {signature}: HMAC-SHA256 of node/path, a line feed and {expires}, in hex',
  ),
  RECORDING_URL_SECONDS: integer(
    { default: 300, min: 10, max: 86_400 },
    'how long a signed URL of a recording works',
  ),
  RECORDING_S3_REGION: text(undefined, 'RECORDING_URL is an object of S3 in this region: it is presigned'),
  RECORDING_S3_KEY_ID: text(undefined, 'access key id for S3'),
  RECORDING_S3_SECRET: secret('secret access key for S3'),
  SECRETS_KEY: secret(
    '32 bytes in hex: encrypts what FreeSWITCH needs in plain text (ESL passwords) at rest',
  ),

  SNAPSHOT_INTERVAL_MS: integer(
    { default: 60_000, min: 1_000, max: 86_400_000 },
    'shortest time between two writes of the disk snapshot in DATA_DIR/snapshots',
  ),

  DIRECTORY_FORWARD: oneOf<'node' | 'proxy'>(
    ['node', 'proxy'],
    'node',
    'how a call gets to a user who is registered on another node: straight to it, or by the first proxy',
  ),

  ROUTING_STALE_MS: integer(
    { default: 45_000, min: 1_000, max: 3_600_000 },
    'a node whose last heartbeat is older gets no calls, unless all are that old (FreeSWITCH sends one every 20 s)',
  ),
  ROUTING_DELAY_LIMIT_MS: integer(
    { default: 200, min: 10, max: 60_000 },
    'routing answers 503 while its event loop is later than this',
  ),
  ROUTING_QUEUE_LIMIT: integer(
    { default: 1_000, min: 1, max: 100_000 },
    'standalone: lookups that may wait; above it routing answers 503',
  ),

  CORRELATION_HEADER: carriedHeader(
    'X-Call-Correlation-ID',
    'SIP header (X-…) that joins legs of one call over proxies',
  ),
  CDR_BODY_LIMIT: integer(
    { default: 16 * 1024 * 1024, min: 65_536, max: 16 * 1024 * 1024 },
    'largest CDR post, bytes; the bus takes no more',
  ),
  CDR_VARIABLES: list(
    undefined,
    'channel variables that cdr.variables keeps: names, beginnings with *, @custom; sip_h_X-*,@custom by default',
  ),
  CDR_DOCUMENT_RETENTION_DAYS: integer(
    { default: 90, min: 1, max: 36_500 },
    'days of table cdr_documents that are kept',
  ),
  CALL_GRACE_MS: integer(
    { default: 5_000, min: 0, max: 3_600_000 },
    'how long after its last leg ended a call is finished',
  ),
  NODE_LOST_MS: integer(
    { default: 60_000, min: 1_000, max: 3_600_000 },
    'after a node is down for this long its legs are interrupted',
  ),
  CDR_RETENTION_MONTHS: integer({ default: 24, min: 1, max: 1200 }, 'months of table cdr that are kept'),
  CALL_RETENTION_MONTHS: integer(
    { default: 24, min: 1, max: 1200 },
    'months of tables legs and calls that are kept',
  ),
  LEG_EVENT_RETENTION_DAYS: integer(
    { default: 30, min: 1, max: 36_500 },
    'days of table leg_events (timelines of legs) that are kept',
  ),
  ROLLUP_RETENTION_MONTHS: integer(
    { default: 60, min: 1, max: 1200 },
    'months of sums over calls (reports by the hour, concurrency by the minute) that are kept',
  ),
  NODE_HISTORY_RETENTION_DAYS: integer(
    { default: 90, min: 1, max: 36_500 },
    'days of node_evidence and node_status_minutes that are kept; never shorter than a call may last',
  ),
  BUS_RETENTION_DAYS: integer(
    { default: 7, min: 1, max: 365 },
    'days of the PostgreSQL bus that are kept at the most',
  ),
  BUS_RETENTION_BYTES: integer(
    { default: 20 * 1024 ** 3, min: 1024 ** 2, max: 1024 ** 5 },
    'size of the PostgreSQL bus above which its oldest days are dropped, read or not',
  ),

  CLOCK_START: integer(
    { default: undefined, min: 0, max: 8.64e15 },
    'tests only: the real moment, ms since 1970, from which the clock runs at CLOCK_RATE',
  ),
  CLOCK_RATE: integer({ default: 1, min: 1, max: 1000 }, 'tests only: how many times faster the clock runs'),
} satisfies Record<string, Variable<unknown>>;

/**
 * Names that begin so are ours: a misspelt one is an error and not silently the default. Not those that other programs' variables
 * begin with too (`HTTP_`, `LOG_`, `PUBLIC_`, `INSTANCE_`, `CORRELATION_`).
 */
export const OUR_PREFIXES = [
  'DATA_DIR',
  'HTTP_TLS_',
  'DATABASE_',
  'KAFKA_',
  'BUS_',
  'CDR_',
  'CALL_',
  'CALLS_',
  'LEG_',
  'LEGS_',
  'ROLLUP_',
  'NODE_LOST',
  'NODE_HISTORY',
  'CORRELATION_HEAD',
  'DRAIN_',
  'SECRETS_KEY',
  'CLOCK_',
  'FREESWITCH_',
  'KAMAILIO_',
  'API_',
  'RECORDING_',
  'DIRECTORY_',
  'ROUTING_',
  'SNAPSHOT_',
  'COLLECTOR_',
  'WRITER_',
  'MERGER_',
];
