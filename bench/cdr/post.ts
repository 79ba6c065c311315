import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type pg from 'pg';
import type { ClientOrder, ClientReport } from './client-process.ts';

/** Where posts go, and the credentials. */
export interface Target {
  url: string;
  username: string;
  password: string;
}

const STORED_MS = 60_000;
const LOOK_MS = 20;
/** Every leg of a run has a number of its own. */
let nextLeg = 1;

export type Order = Partial<Omit<ClientOrder, 'port' | 'authorization' | 'first'>> & { posts: number };

/** Posts recorded CDRs from a process of its own. @throws Error when one of them is not accepted */
export async function postCdrs({ url, username, password }: Target, order: Order): Promise<ClientReport> {
  const first = nextLeg;
  nextLeg += order.posts;
  const whole: ClientOrder = {
    kind: 'xml',
    parallel: 32,
    ...order,
    first,
    port: Number(new URL(url).port),
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  };
  const file = join(import.meta.dirname, 'client-process.ts');
  const child = spawn(process.execPath, [file, JSON.stringify(whole)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const report = JSON.parse(await text(child.stdout)) as ClientReport;
  if (report.refused > 0) throw new Error(`${url}: ${report.refused} of ${order.posts} CDRs were refused`);
  return report;
}

/** Posts a second, until the last answer. */
export async function answersPerSecond(target: Target, order: Order): Promise<number> {
  const { seconds } = await postCdrs(target, order);
  return order.posts / seconds;
}

/** CDRs a second from the first post until all of them are rows of `cdr`. */
export async function rowsPerSecond(target: Target, client: pg.Client, order: Order): Promise<number> {
  const { began_ms } = await postStored({ ...target, client }, order);
  return (order.posts * 1000) / (performance.timeOrigin + performance.now() - began_ms);
}

/** Posts recorded CDRs, and resolves when all of them are rows of `cdr`. */
export async function postStored(
  target: Target & { client: pg.Client },
  order: Order,
): Promise<ClientReport> {
  const before = await countCdrs(target.client);
  const report = await postCdrs(target, order);
  await haveRows(target.client, before + order.posts);
  return report;
}

/** Posts a second, until the last answer; what is measured next begins when all of them are rows. */
export async function settledAnswersPerSecond(
  target: Target,
  client: pg.Client,
  order: Order,
): Promise<number> {
  const { seconds } = await postStored({ ...target, client }, order);
  return order.posts / seconds;
}

async function haveRows(client: pg.Client, rows: number): Promise<void> {
  const deadline = performance.now() + STORED_MS;
  while ((await countCdrs(client)) < rows) {
    if (performance.now() > deadline) throw new Error(`not ${rows} rows within ${STORED_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const SETTLE_MS = 20_000;

/** Waits until the calls of what was posted are finished and published, or for so long that what is still open is so for a reason. */
export async function letSettle(client: pg.Client): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  while (performance.now() < deadline && (await hasOpenCalls(client)))
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

async function hasOpenCalls(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>(
    `select exists (select from calls where state = 'live' and end_at is null)
       or exists (select from calls where state = 'live' and finish_at is not null) or exists (select from calls_outbox) as open`,
  );
  return rows[0]?.open !== false;
}

export async function countCdrs(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ rows: number }>('select count(*)::int as rows from cdr');
  return rows[0]?.rows ?? 0;
}
