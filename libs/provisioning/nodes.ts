import { createHash, randomBytes } from 'node:crypto';
import type { ClientBase, Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import type { SecretBox } from '../sealing/secret-box.ts';
import { insertNode } from './nodes.sql.ts';
import { checkHost, checkName } from './value.ts';
import { withViolations } from './violation.ts';

/** A FreeSWITCH server as somebody adds it. */
export interface NewNode {
  /** its `switchname` (the host name, unless switch.conf.xml names another) */
  switchname: string;
  eslHost: string;
  eslPort: number;
  eslPassword: string;
  /** where its calls go, e.g. `sip:192.0.2.10:5060` */
  sipUri?: string | undefined;
  region?: string | undefined;
  maxSessions?: number | undefined;
}

/** The node's own HTTP credential: shown once, stored as a hash. */
export interface NodeCredential {
  username: string;
  password: string;
}

/**
 * Adds a node; the collector connects to it within seconds.
 * @throws CodedError `value-refused`, `already-exists`
 */
export async function addNode(
  pool: ClientBase | Pool,
  node: NewNode,
  box: SecretBox,
): Promise<NodeCredential> {
  const switchname = checkName('switchname', node.switchname);
  const password = randomBytes(18).toString('base64url');
  const row = {
    switchname,
    esl_host: checkHost('ESL host', node.eslHost),
    esl_port: node.eslPort,
    esl_password_encrypted: box.seal(node.eslPassword),
    sip_uri: node.sipUri === undefined ? null : checkSipUri(node.sipUri),
    region: node.region === undefined ? null : checkName('region', node.region),
    max_sessions: node.maxSessions ?? null,
    http_password_hash: createHash('sha256').update(password).digest('hex'),
  };
  await withViolations({ exists: `there already is a node ${switchname}` }, () => insertNode(pool, row));
  return { username: switchname, password };
}

function checkSipUri(value: string): string {
  if (/^sips?:[A-Za-z0-9.:[\]-]+(;transport=(udp|tcp|tls))?$/.test(value)) return value;
  throw new CodedError(
    'value-refused',
    `SIP URI ${JSON.stringify(value)} must look like sip:192.0.2.10:5060`,
    { details: { field: 'sip uri' } },
  );
}
