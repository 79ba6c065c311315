import type { ClientBase, Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { type DispatcherOutcome, pushNodeState } from '../kamailio/dispatcher.ts';
import { transaction } from '../postgres/transaction.ts';
import { requestNodeCommand } from '../store/node-command.sql.ts';
import { type AuditEntry, insertAudit } from './audit.sql.ts';
import { type AdminState, deleteNode, readDispatcher, readRpcUrls, updateNodeState } from './fleet.sql.ts';
import { requireUnused } from './resource/service.ts';
import { NODES } from './resources/nodes.ts';

/** What to do with a node. */
export interface NodeOrder {
  switchname: string;
  state: AdminState;
  /** FreeSWITCH itself refuses new calls as well (`fsctl pause inbound`), and takes them again when it is made active */
  pauses: boolean;
  requestedBy: string;
  /** who ordered it, for the audit log */
  author: Pick<AuditEntry, 'actor' | 'role' | 'address'>;
}

/** What became of it at each of our Kamailios. */
export interface NodeOrderResult {
  before: AdminState;
  kamailios: DispatcherOutcome[];
}

/**
 * Lets a node take calls, drains it (no new ones; those in progress go on) or disables it. Every routing service knows
 * within a second; our Kamailios that have an RPC URL are told at once.
 * @throws CodedError `not-found`
 */
export async function orderNode(pool: Pool, order: NodeOrder): Promise<NodeOrderResult> {
  const changed = await transaction(pool, (client) => changeNode(client, order));
  const kamailios = await tellKamailios(pool, {
    destination: changed.sip_uri,
    takesCalls: order.state === 'active',
  });
  return { before: changed.before, kamailios };
}

/** What was ordered, and who ordered it: neither is stored without the other. */
async function changeNode(client: ClientBase, order: NodeOrder) {
  const { switchname, state, author, requestedBy } = order;
  const changed = await updateNodeState(client, order);
  if (changed === undefined) throw noSuchNode(switchname);
  const command = commandFor(order);
  if (command !== undefined) {
    await requestNodeCommand(client, { node: switchname, command, argument: null, requestedBy });
  }
  const { actor, role, address } = author;
  const entry = { actor, role, address, action: ACTIONS[state], resource: 'nodes', key: switchname };
  await insertAudit(client, [
    { ...entry, tenant: null, before: { state: changed.before }, after: { state } },
  ]);
  return changed;
}

/** As the api calls them. */
const ACTIONS = { active: 'undrain', draining: 'drain', disabled: 'disable' } as const;

function commandFor({ state, pauses }: NodeOrder) {
  if (!pauses) return undefined;
  return state === 'active' ? 'resume-inbound' : 'pause-inbound';
}

/** The view says already what is pushed here: it reads the table that was just written. */
async function tellKamailios(
  pool: Pool,
  { destination, takesCalls }: { destination: string | null; takesCalls: boolean },
): Promise<DispatcherOutcome[]> {
  const urls = await readRpcUrls(pool);
  if (urls.length === 0 || destination === null) return [];
  const rows = await readDispatcher(pool);
  const sets = rows.filter((row) => row.destination === destination).map(({ setid }) => setid);
  return pushNodeState({ urls, sets, destination, takesCalls });
}

/** Forgets a node. @throws CodedError `not-found`, `in-use` */
export async function removeNode(pool: ClientBase | Pool, switchname: string): Promise<void> {
  await requireUnused(pool, NODES, { switchname });
  if (!(await deleteNode(pool, switchname))) throw noSuchNode(switchname);
}

function noSuchNode(switchname: string): CodedError {
  return new CodedError('not-found', `there is no node ${switchname}`);
}
