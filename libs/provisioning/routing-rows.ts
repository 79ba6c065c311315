import type { ClientBase } from 'pg';
import { toE164 } from '../numbering/e164.ts';
import type { CallQuestion } from '../routing/call-decision.ts';
import type { RoutingModel } from '../routing/routing-model.ts';
import { hostOf, userOf } from '../routing/sip-address.ts';
import { readRows, readTables } from '../snapshot/read-tables.sql.ts';
import type { SnapshotRow, TableHandler } from '../snapshot/table.ts';
import type { DidRow } from '../snapshot/tables/did-routing.ts';
import { readNamedUsers, readRoomDids } from './routing-rows.sql.ts';

/** Tables that grow with the customers: of these only what a question can touch is read, of the others all. */
const LARGE: ReadonlySet<string> = new Set([
  'domains',
  'did_routing',
  'trunk_routing',
  'users',
  'registrations',
]);

/**
 * Fills a model with every row that the decision about one call can look at: a million DIDs cost no more than one. Follows
 * the decision: the domains that are named, the DIDs of the number, where these lead, and the prefixes of all numbers met.
 */
export async function readRowsFor(
  client: ClientBase,
  model: RoutingModel,
  question: CallQuestion,
): Promise<void> {
  const small = model.handlers.filter(({ table }) => !LARGE.has(table.name));
  for await (const { table, rows } of readTables(
    client,
    small.map(({ table }) => table),
  ))
    handlerOf(model, table).put(rows);
  const asked = await readDomains(client, model, hostsOf(question));
  const dialled = userOf(question.to);
  const dids = await readDids(client, model, { asked, dialled });
  const owners = await readDomains(
    client,
    model,
    dids.map(({ domain }) => domain),
  );
  const domains = [...new Set([...asked, ...owners])];
  await readUsers(client, model, {
    domains,
    names: [dialled, ...dids.map(({ destination }) => destination)],
  });
  const numbers = [
    dialled,
    ...dids.flatMap(({ destination, fail_forward: next }) => [destination, next ?? '']),
  ];
  await readTrunkRoutes(client, model, { domains, numbers });
}

function hostsOf({ domain, to, from }: CallQuestion): string[] {
  return [domain, hostOf(to), hostOf(from)].flatMap((host) => host?.toLowerCase() ?? []);
}

/** Returns those that there are. */
async function readDomains(
  client: ClientBase,
  model: RoutingModel,
  names: readonly string[],
): Promise<string[]> {
  const rows = await put(client, handlerOf(model, 'domains'), { domain: '', keys: names });
  return rows.map(({ key }) => key);
}

interface Dialled {
  /** domains by whose plan the number may be read */
  asked: readonly string[];
  dialled: string;
}

/** The DIDs of a number, and those by which a name is known as a room. */
async function readDids(
  client: ClientBase,
  model: RoutingModel,
  { asked, dialled }: Dialled,
): Promise<DidRow[]> {
  const handler = handlerOf(model, 'did_routing');
  const keys = [...e164Of(model, asked, dialled)];
  const dids = (await put(client, handler, { domain: '', keys })) as DidRow[];
  handler.put(
    (await readRoomDids(client, { domains: asked, name: dialled })).filter(({ key }) => !keys.includes(key)),
  );
  return dids;
}

/** A number as each of the domains dials it, and as nobody's. */
function e164Of(model: RoutingModel, domains: readonly string[], number: string): Set<string> {
  const plans = [undefined, ...domains.map((name) => model.domain(name)?.plan)];
  return new Set(plans.flatMap((plan) => toE164(number, plan) ?? []));
}

async function readUsers(
  client: ClientBase,
  model: RoutingModel,
  { domains, names }: { domains: readonly string[]; names: readonly string[] },
): Promise<void> {
  const folded = names.map((name) => name.toLowerCase());
  for (const domain of domains) {
    const users = await readNamedUsers(client, { domain, names: folded });
    handlerOf(model, 'users').put(users);
    await put(client, handlerOf(model, 'registrations'), { domain, keys: users.map(({ key }) => key) });
  }
}

async function readTrunkRoutes(
  client: ClientBase,
  model: RoutingModel,
  { domains, numbers }: { domains: readonly string[]; numbers: readonly string[] },
): Promise<void> {
  const prefixes = new Set<string>();
  for (const number of numbers) {
    for (const digits of [number, ...e164Of(model, domains, number)].map((text) => text.replace(/^\+/, ''))) {
      if (!/^[0-9]{2,15}$/.test(digits)) continue;
      for (let length = 0; length <= digits.length; length += 1) prefixes.add(digits.slice(0, length));
    }
  }
  const handler = handlerOf(model, 'trunk_routing');
  for (const domain of [null, ...domains]) await put(client, handler, { domain, keys: [...prefixes] });
}

async function put(
  client: ClientBase,
  handler: TableHandler,
  { domain, keys }: { domain: string | null; keys: readonly string[] },
): Promise<SnapshotRow[]> {
  if (keys.length === 0) return [];
  const rows = await readRows(client, handler.table, { domain, keys });
  handler.put(rows);
  return rows;
}

function handlerOf(model: RoutingModel, table: string): TableHandler {
  const handler = model.handlers.find((candidate) => candidate.table.name === table);
  if (handler === undefined) throw new TypeError(`routing has no table ${table}`);
  return handler;
}
