import { ENCODING } from '../../../../libs/postgres/encoding.ts';
import { type Finding, findings, type Gathered } from './check.ts';
import { checkReports } from './report-check.ts';
import type { ReportFacts } from './report-facts.sql.ts';

/** What is known of PostgreSQL. */
export interface DatabaseFacts {
  /** server_version_num, such as 180004 */
  version: number;
  /** such as UTF8 */
  encoding: string;
  mayCreate: boolean;
  /** names of migrations that this release has and the database has not */
  missing: readonly string[];
  /** numbers of migrations that the database has and this release does not know */
  unknown: readonly number[];
  /** two connections that are open at once are one at the server */
  isPooled: boolean;
  /** the server's clock minus ours, seconds */
  clockOffset: number;
  connections: { used: number; most: number };
  /** until when partitions are made, seconds from now, by table */
  partitions: readonly { table: string; ahead: number }[];
  /** of DATABASE_READ_URL: seconds behind; null where there is no replica */
  replica: Gathered<number> | null;
  reports: ReportFacts;
}

const OLDEST = 150_000;
const DAY_S = 86_400;
const REPLICA_S = 60;
const SKEW_S = 1;

/** Judges the database. */
export function checkDatabase(gathered: Gathered<DatabaseFacts>): Finding[] {
  const { found, ok, warning, failed } = findings('database');
  if ('problem' in gathered) {
    failed(gathered.problem, 'is the server up, is DATABASE_URL right, does a firewall let us through?');
    return found;
  }
  const facts = gathered.value;
  const version = `PostgreSQL ${Math.floor(facts.version / 10_000)}.${facts.version % 10_000}`;
  if (facts.version < OLDEST) failed(`${version} is too old`, 'upgrade it to 15 or newer');
  else ok(version);
  if (facts.encoding !== ENCODING)
    warning(
      `is encoded in ${facts.encoding}: names with other letters than ASCII are refused, or not found`,
      'move it by pg_dump and pg_restore into one made by createdb --encoding=UTF8 --template=template0',
    );
  if (facts.missing.length > 0) failed(`lacks ${facts.missing.join(', ')}`, 'run `switchfleet migrate`');
  else ok('has the schema of this release');
  if (facts.unknown.length > 0)
    warning(
      `has migrations that this release does not know (${facts.unknown.join(', ')})`,
      'this command is older than the fleet: update it',
    );
  if (!facts.mayCreate)
    failed(
      'the role may not create tables',
      'grant create on schema public to it: partitions are made all the time',
    );
  if (facts.isPooled)
    failed(
      'a pooler in transaction mode stands before it',
      'let DATABASE_URL name the server itself: LISTEN, leases and migrations need a session',
    );
  if (Math.abs(facts.clockOffset) > SKEW_S)
    warning(
      `its clock is ${facts.clockOffset.toFixed(1)} s from ours`,
      'let both machines ask a time server',
    );
  if (facts.connections.used > 0.8 * facts.connections.most)
    warning(
      `${facts.connections.used} of ${facts.connections.most} connections are used`,
      'raise max_connections, or lower DATABASE_POOL_SIZE',
    );
  const { replica } = facts;
  if (replica !== null && 'problem' in replica)
    failed(
      `the replica does not answer: ${replica.problem}`,
      'the api cannot search: mend DATABASE_READ_URL, or unset it',
    );
  else if (replica !== null && replica.value > REPLICA_S)
    warning(
      `the replica is ${Math.round(replica.value)} s behind`,
      'reports show the past; look at its replication',
    );
  const late = facts.partitions.filter(({ ahead }) => ahead < DAY_S).map(({ table }) => table);
  if (late.length > 0)
    failed(
      `no partition for tomorrow: ${late.join(', ')}`,
      'is a writer and a merger running? Their log says why not',
    );
  else if (facts.missing.length === 0) ok('has partitions for tomorrow');
  return [...found, ...checkReports(facts.reports)];
}
