import pg from 'pg';

/** What pg sends with a connection's first message; its types do not name it. */
interface Startup {
  getStartupConf(): Record<string, string>;
}

/**
 * How PostgreSQL writes times for us. pg and we read times as ISO only: by another DateStyle of the server, the database, the role or
 * DATABASE_URL they were no times. Sent with the first message they win over all of these, cost no round trip, and every pooler carries
 * these two (as every JDBC client sends them).
 */
const SETTINGS = { DateStyle: 'ISO, MDY', TimeZone: 'UTC' };

const startupOf = (pg.Client.prototype as unknown as Startup).getStartupConf;

/** A connection of ours: pg's, in a session that writes times as we read them, whoever configured the server. */
export class Client extends pg.Client implements Startup {
  getStartupConf(): Record<string, string> {
    return { ...startupOf.call(this), ...SETTINGS };
  }
}
