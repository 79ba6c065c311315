import type { Config } from '../../libs/config/config.ts';
import type { Database } from '../../libs/postgres/database.ts';
import type { SecretBox } from '../../libs/sealing/secret-box.ts';
import type { Output } from './output.ts';

/** What every command works with. */
export interface CommandContext {
  config: Config;
  output: Output;
  /** Where the database is: DATABASE_URL, else the running standalone's. @throws CodedError `database-not-found` */
  connectionString(): Promise<string>;
  /** Opens the database for one piece of work and closes it after. */
  withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /** For secrets that are stored encrypted. @throws CodedError `secrets-key-missing` */
  secretBox(): Promise<SecretBox>;
  /** What standalone generated for event_socket.conf.xml, the default password of nodes; undefined without a standalone */
  standaloneEslPassword(): Promise<string | undefined>;
  /** What standalone generated for xml_cdr.conf.xml and xml_curl.conf.xml */
  standaloneFreeswitchPassword(): Promise<string | undefined>;
}
