import type { Clock } from '../../../libs/clock/clock.ts';
import type { CdrDelivery } from './cdr-poster.ts';
import type { DirectoryBinding } from './directory-asker.ts';
import type { SessionLimits } from './heartbeat.ts';
import type { QueueLimits } from './listener-queue.ts';
import type { Recording } from './recording.ts';

/** A node of the fleet; what is absent comes from the recording or is chosen. */
export interface NodePlan {
  switchname: string;
  hostname?: string | undefined;
  /** SIP address that its material names, 127.0.0.11 for the first. */
  address?: string | undefined;
  /** Where its event socket listens: 127.0.0.1 and a free port by default. */
  host?: string | undefined;
  port?: number | undefined;
  password?: string | undefined;
}

export interface FleetOptions {
  recording: Recording;
  /** The nodes, or how many (fs01, fs02, …); those of the recording by default. */
  nodes?: readonly NodePlan[] | number | undefined;
  clock?: Clock | undefined;
  /** Core-UUIDs: a replay needs the recorded ones (the default); load is better played by fresh ones. */
  cores?: 'recorded' | 'fresh' | undefined;
  /** Password of every event socket that has none of its own. */
  password?: string | undefined;
  /** mod_xml_cdr and mod_json_cdr of each node; a node posts nothing where it is absent. */
  cdr?: PerNode<CdrDelivery> | undefined;
  jsonCdr?: PerNode<CdrDelivery> | undefined;
  /** mod_xml_curl of each node; it asks nothing where it is absent. */
  directory?: PerNode<DirectoryBinding> | undefined;
  limits?: QueueLimits | undefined;
  sessionLimits?: SessionLimits | undefined;
  /** HEARTBEATs of the simulator's own, ms of the clock: 0 in a replay (the recorded ones are sent), 20,000 under load. */
  heartbeatMs?: number | undefined;
  /** The same seed gives the same uuids in clones; another one every time by default. */
  seed?: string | undefined;
}

/** One for all nodes, or one for each switchname. */
export type PerNode<T> = T | ((switchname: string) => T | undefined);

export function forNode<T extends object>(value: PerNode<T> | undefined, switchname: string): T | undefined {
  return typeof value === 'function' ? value(switchname) : value;
}

/** The plans of all nodes: those of the recording first, further ones (fs03, 127.0.0.13) as many as asked for. */
export function nodePlans({ recording, nodes = recording.nodes }: FleetOptions): NodePlan[] {
  if (typeof nodes !== 'number') {
    return nodes.map((plan) => ({
      ...recording.nodes.find(({ switchname }) => switchname === plan.switchname),
      ...plan,
    }));
  }
  return Array.from({ length: nodes }, (_, index) => {
    const number = index + 1;
    const made = {
      switchname: `fs${String(number).padStart(2, '0')}`,
      hostname: 'vm',
      address: `127.0.0.${10 + number}`,
    };
    return recording.nodes[index] ?? made;
  });
}
