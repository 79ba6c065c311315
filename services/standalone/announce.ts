import type { Service } from '../../libs/lifecycle/stoppable.ts';
import { baseOf, type ConnectLines, type Endpoints } from './connect-lines.ts';

/** What a person needs to know when standalone has started. */
export interface Announcement {
  dataDir: string;
  /** where the data is, in words: the embedded database, or the address of another one */
  database: string;
  bus: string;
  endpoints: Endpoints;
  services: readonly Service[];
  /** opens the console once, within an hour; undefined where what is printed is kept */
  signInSecret: string | undefined;
  /** given at the first start only, since they hold secrets, and not where what is printed is kept */
  connect: readonly ConnectLines[] | undefined;
  /** the file that holds the lines, readable by its owner only */
  connectFile: string;
}

/** Where one may listen, but not connect to: HTTP_HOST stands in the lines when PUBLIC_HOST does not. */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/** The text that `npm start` prints; its last line holds the word ready. */
export function announce({ endpoints, services, connect, signInSecret, ...where }: Announcement): string {
  const base = baseOf(endpoints);
  return [
    '',
    'switchfleet',
    row('data', where.dataDir),
    row('database', where.database),
    row('bus', where.bus),
    row('api', `${base}:${endpoints.api}/v1`),
    row('console', consoleOf(`${base}:${endpoints.api}/console`, signInSecret)),
    row('directory', `${base}:${endpoints.directory}/freeswitch`),
    row('cdr', `${base}:${endpoints.cdr}/cdr`),
    row('routing', `${base}:${endpoints.routing}/routing`),
    '',
    ...services.map(serviceLine),
    '',
    ...(connect === undefined
      ? [`Lines for FreeSWITCH and Kamailio: ${where.connectFile}`]
      : pasteLines(connect, where.connectFile)),
    ...(EVERYWHERE.has(endpoints.host)
      ? ['', `${endpoints.host} is no address that another machine can reach: set PUBLIC_HOST.`]
      : []),
    '',
    'switchfleet is ready. Ctrl-C stops it.',
    '',
  ].join('\n');
}

function consoleOf(url: string, secret: string | undefined): string {
  return secret === undefined
    ? `${url} (the first token is apiToken in secrets.json of the data folder)`
    : `${url}/sign-in#${secret} (signs in once, within an hour)`;
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(10)} ${value}`;
}

function serviceLine(service: Service): string {
  const { ready, reasons } = service.health();
  return row(service.name, ready ? 'ready' : `not ready: ${reasons.join('; ')}`);
}

function pasteLines(connect: readonly ConnectLines[], file: string): string[] {
  return [
    `Paste these lines (they are kept in ${file}):`,
    ...connect.flatMap((part) => ['', `--- ${part.file}`, part.lines]),
  ];
}
