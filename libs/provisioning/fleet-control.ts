import type { Pool } from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { type DispatcherOutcome, pushNodeState } from '../kamailio/dispatcher.ts';
import { requestNodeCommand } from '../store/node-command.sql.ts';
import { type AdminState, deleteNode, readDispatcher, readRpcUrls, updateNodeState } from './fleet.sql.ts';

/** What to do with a node. */
export interface NodeOrder {
  switchname: string;
  state: AdminState;
  /** FreeSWITCH itself refuses new calls as well (`fsctl pause inbound`), and takes them again when it is made active */
  pauses: boolean;
  requestedBy: string;
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
  const { switchname, state } = order;
  const changed = await updateNodeState(pool, order);
  if (changed === undefined) throw noSuchNode(switchname);
  const command = commandFor(order);
  if (command !== undefined) {
    await requestNodeCommand(pool, {
      node: switchname,
      command,
      argument: null,
      requestedBy: order.requestedBy,
    });
  }
  const kamailios = await tellKamailios(pool, {
    destination: changed.sip_uri,
    takesCalls: state === 'active',
  });
  return { before: changed.before, kamailios };
}

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

/** Forgets a node. @throws CodedError `not-found` */
export async function removeNode(pool: Pool, switchname: string): Promise<void> {
  if (!(await deleteNode(pool, switchname))) throw noSuchNode(switchname);
}

function noSuchNode(switchname: string): CodedError {
  return new CodedError('not-found', `there is no node ${switchname}`);
}
