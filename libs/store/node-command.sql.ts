import type { NodeCommandName } from '../freeswitch/node-command.ts';
import type { Queryable } from './queryable.ts';

export interface RequestedCommand {
  node: string;
  command: NodeCommandName;
  argument: string | null;
  requestedBy: string;
}

/** Asks for a command; the collector that holds the node is woken. Check it by `toApiCommand` first. @returns its id */
export async function requestNodeCommand(
  client: Queryable,
  { node, command, argument, requestedBy }: RequestedCommand,
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    'insert into node_commands (node, command, argument, requested_by) values ($1, $2, $3, $4) returning id',
    [node, command, argument, requestedBy],
  );
  return Number(rows[0]?.id);
}

/** A command with what came of it; `succeeded` is null while it is not finished. */
export interface NodeCommand {
  id: number;
  node: string;
  command: NodeCommandName;
  argument: string | null;
  succeeded: boolean | null;
  reply: string | null;
}

/** One command, or undefined when there is none of that id. */
export async function readNodeCommand(client: Queryable, id: number): Promise<NodeCommand | undefined> {
  const { rows } = await client.query<NodeCommand>(
    `select id::float8 as id, node::text, command, argument::text, succeeded, reply from node_commands where id = $1`,
    [id],
  );
  return rows[0];
}

export interface TakenCommand {
  id: number;
  node: string;
  command: string;
  argument: string | null;
}

/**
 * Takes the oldest unfinished command of each of these nodes that is due, one a node, so that they run in their order.
 * Only a reading of gateways for trunks waits until all that the node has to remove are removed, however many. What was taken
 * `abandonedMs` ago and is not finished lost its collector: it is taken again, as all of them may be done twice.
 */
export async function takeNodeCommands(
  client: Queryable,
  { nodes, abandonedMs }: { nodes: readonly string[]; abandonedMs: number },
): Promise<TakenCommand[]> {
  const { rows } = await client.query<TakenCommand>(
    `with oldest as (
       select distinct on (node) id from node_commands
       where node = any($1::text[]) and finished_at is null and due_at <= now()
         and not (command = 'gateway-rescan' and requested_by = 'trunks' and exists (
           select from node_commands removal
           where removal.node = node_commands.node and removal.finished_at is null and removal.command = 'gateway-remove'))
       order by node, id
     ), free as (
       select id from node_commands
       where id in (select id from oldest) and finished_at is null
         and (started_at is null or started_at < now() - make_interval(secs => $2::float8 / 1000))
       for update skip locked
     )
     update node_commands taken set started_at = now() from free where taken.id = free.id
     returning taken.id::float8 as id, taken.node::text, taken.command, taken.argument::text`,
    [nodes, abandonedMs],
  );
  return rows;
}

/** Keeps what came of a command. After a gateway was removed, FreeSWITCH needs seconds to forget it: who reads for trunks waits anew. */
export async function finishNodeCommand(
  client: Queryable,
  { id, succeeded, reply }: { id: number; succeeded: boolean; reply: string },
): Promise<void> {
  await client.query(
    `with done as (
       update node_commands set finished_at = now(), succeeded = $2, reply = $3
       where id = $1 and finished_at is null returning node, command
     )
     update node_commands reading set due_at = greatest(reading.due_at, now() + interval '5 seconds')
     from done
     where done.command = 'gateway-remove' and reading.node = done.node and reading.command = 'gateway-rescan'
       and reading.requested_by = 'trunks' and reading.finished_at is null and reading.started_at is null`,
    [id, succeeded, reply],
  );
}

/** Gives up commands that nobody could run in time: done much later, they would surprise. @returns how many */
export async function expireNodeCommands(
  client: Queryable,
  { afterMs, abandonedMs, reply }: { afterMs: number; abandonedMs: number; reply: string },
): Promise<number> {
  const { rowCount } = await client.query(
    `update node_commands set finished_at = now(), succeeded = false, reply = $3
     where id in (
       select id from node_commands
       where finished_at is null and due_at < now() - make_interval(secs => $1::float8 / 1000)
         and (started_at is null or started_at < now() - make_interval(secs => $2::float8 / 1000))
       for update skip locked)`,
    [afterMs, abandonedMs, reply],
  );
  return rowCount ?? 0;
}

/** Forgets commands that were finished so many days ago. */
export async function forgetNodeCommands(client: Queryable, days: number): Promise<void> {
  await client.query(
    'delete from node_commands where finished_at < now() - make_interval(days => $1::integer)',
    [days],
  );
}
