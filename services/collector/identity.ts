import { CodedError } from '../../libs/errors/coded-error.ts';
import type { NodeMemory } from './node-memory.ts';
import type { Api } from './snapshot.ts';

export interface IdentityQuestion {
  /** switchname that the node is configured with */
  configured: string;
  /** what the server calls itself */
  answered: string;
  /** where it was asked: host:port */
  address: string;
  /** its Core-UUID */
  coreUuid: string;
  /** the node that is configured with the answered name, if any, and the core that it was last seen with */
  namesake: { address: string; coreUuid: string | null } | undefined;
}

/**
 * Is the server at a node's address that node? Every record is filed under the name that FreeSWITCH itself says, so a
 * server with another name must not be followed.
 * @throws CodedError `esl-refused` (another name, or one server reached as two nodes), `duplicate-switchname` (a second core of one name)
 */
export function checkIdentity({ configured, answered, address, coreUuid, namesake }: IdentityQuestion): void {
  if (answered === configured) return;
  const says = `the server at ${address} calls itself "${answered}", not "${configured}"`;
  if (namesake === undefined) {
    throw new CodedError('esl-refused', `${says}: set switchname in its switch.conf.xml, or rename the node`);
  }
  if (namesake.coreUuid === coreUuid) {
    throw new CodedError(
      'esl-refused',
      `${says}: it is the server of node "${answered}", which is followed at ${namesake.address}`,
    );
  }
  throw new CodedError(
    'duplicate-switchname',
    `two servers have the switchname "${answered}": the one at ${address} runs core ${coreUuid}, the one at ${namesake.address} ran core ${namesake.coreUuid ?? '(not seen yet)'}; give each its own in switch.conf.xml`,
  );
}

export interface Introduction {
  /** switchname that the node is configured with, and where it is asked */
  switchname: string;
  host: string;
  port: number;
  coreUuid: string;
  memory: Pick<NodeMemory, 'namesake' | 'discover'>;
}

/** Asks a server for its name; one that nobody configured is written down. @throws CodedError as `checkIdentity` */
export async function identify(
  api: Api,
  { switchname: configured, host, port, coreUuid, memory }: Introduction,
): Promise<void> {
  const reply = (await api('switchname')).trim();
  const answered = reply.startsWith('-ERR') ? configured : reply;
  if (answered === configured) return;
  const address = `${host}:${port}`;
  const namesake = await memory.namesake(answered);
  if (namesake === undefined) await memory.discover(answered, address);
  checkIdentity({ configured, answered, address, coreUuid, namesake });
}
