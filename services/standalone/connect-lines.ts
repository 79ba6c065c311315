import { readFileSync } from 'node:fs';
import { xmlValue } from '../../libs/freeswitch/xml/value.ts';
import type { BasicCredentials } from '../../libs/http/credentials.ts';
import { hostInUri } from '../../libs/network/uri-host.ts';

/** Where FreeSWITCH and Kamailio reach this process. */
export interface Endpoints {
  /** of all of them */
  scheme: 'http' | 'https';
  host: string;
  api: number;
  directory: number;
  cdr: number;
  routing: number;
}

/** What the addresses of all services begin with. */
export function baseOf({ scheme, host }: Pick<Endpoints, 'scheme' | 'host'>): string {
  return `${scheme}://${hostInUri(host)}`;
}

const INTEGRATIONS = new URL('../../integrations/', import.meta.url);

/** What FreeSWITCH and Kamailio log in with, and the password of the nodes' event sockets. */
export interface Credentials {
  freeswitch: BasicCredentials;
  kamailio: BasicCredentials;
  eslPassword: string;
}

/** A file to paste into, and its lines. */
export interface ConnectLines {
  file: string;
  lines: string;
}

/** The exact lines for FreeSWITCH's and Kamailio's configuration: the files of `integrations/` with our addresses and secrets. */
export function connectLines(endpoints: Endpoints, credentials: Credentials): ConnectLines[] {
  const base = baseOf(endpoints);
  const { username, password } = credentials.freeswitch;
  const login = xmlValue(`${username}:${password}`);
  const freeswitch = (name: string, replacements: Record<string, string>) => ({
    file: `${name}.conf.xml`,
    lines: withoutComments(
      replaceAll(readFileSync(new URL(`freeswitch/${name}.conf.xml`, INTEGRATIONS), 'utf8'), replacements),
    ),
  });
  return [
    freeswitch('xml_curl', {
      'http://127.0.0.1:3101': `${base}:${endpoints.directory}`,
      'freeswitch:CHANGE-ME': login,
    }),
    freeswitch('xml_cdr', {
      'http://127.0.0.1:3102': `${base}:${endpoints.cdr}`,
      'freeswitch:CHANGE-ME': login,
    }),
    freeswitch('event_socket', { 'CHANGE-ME': xmlValue(credentials.eslPassword) }),
    { file: 'kamailio.cfg', lines: kamailioLines(endpoints, credentials) },
  ];
}

/** What the lookup of README.md needs. Kamailio takes no module twice, and an operator's file may have these. */
const KAMAILIO_MODULES = ['http_client', 'jansson'];

function kamailioLines({ scheme, host, routing }: Endpoints, { kamailio }: Credentials): string {
  return [
    ...KAMAILIO_MODULES.flatMap((name) => [`#!ifndef MOD_${name}`, `loadmodule "${name}.so"`, '#!endif']),
    'modparam("http_client", "connection_timeout", 1)',
    'modparam("http_client", "keep_connections", 1)',
    'modparam("http_client", "authmethod", 1)',
    `modparam("http_client", "httpcon", "switchfleet=>${scheme}://${kamailio.username}:${kamailio.password}@${hostInUri(host)}:${routing}")`,
  ].join('\n');
}

function replaceAll(text: string, replacements: Record<string, string>): string {
  return Object.entries(replacements).reduce((result, [from, to]) => result.replaceAll(from, () => to), text);
}

function withoutComments(xml: string): string {
  return xml.replace(/^\s*<!--[\s\S]*?-->\n/gm, '').trimEnd();
}
