import type { Call } from '../../libs/records/call.ts';
import { startChild } from '../support/child-process.ts';
import type { SimulatedNode } from '../support/simulator/simulated-node.ts';

/** A running switchfleet, whichever way its parts are spread over processes. */
export interface Product {
  apiUrl: string;
  cdrUrl: string;
  directoryUrl: string;
  routingUrl: string;
  databaseUrl: string;
  apiToken: string;
  freeswitch: { username: string; password: string };
  /** what the `switchfleet` command needs to find it */
  cliEnvironment: Record<string, string>;
}

/** Runs the `switchfleet` command and gives what it printed. @throws Error when it exits non-zero */
export async function switchfleet(product: Product, ...args: string[]): Promise<string> {
  const child = startChild({ entry: 'services/cli/main.ts', args, environment: product.cliEnvironment });
  const code = await child.ended();
  if (code !== 0) throw new Error(`switchfleet ${args.join(' ')} exited ${code}: ${child.output()}`);
  return child.output();
}

/** Adds simulated nodes as an operator adds real ones. */
export async function addNodes(
  product: Product,
  nodes: readonly SimulatedNode[],
  eslPassword: string,
): Promise<void> {
  for (const node of nodes) {
    await switchfleet(
      product,
      'node',
      'add',
      node.switchname,
      '--esl',
      `${node.host}:${node.port}`,
      '--esl-password',
      eslPassword,
    );
  }
}

type Listed = Omit<Call, 'v'> & { start_at: string };

/** All calls the api lists, following its cursor. */
export async function listCalls({ apiUrl, apiToken }: Product): Promise<Call[]> {
  const calls: Call[] = [];
  let cursor: string | null = null;
  do {
    const url = new URL('/v1/calls?limit=50', apiUrl);
    if (cursor !== null) url.searchParams.set('cursor', cursor);
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${apiToken}` },
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`GET ${url.pathname} answered ${answer.status}: ${await answer.text()}`);
    const page = (await answer.json()) as { items: Listed[]; next_cursor: string | null };
    calls.push(...page.items.map((item) => ({ ...item, v: 1 as const })));
    cursor = page.next_cursor;
  } while (cursor !== null);
  return calls;
}
