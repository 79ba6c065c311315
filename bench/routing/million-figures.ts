import { readFile } from 'node:fs/promises';
import { type Figure, figure, median } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import { openFleet, someDids } from './fleet.ts';
import { startService } from './http-figures.ts';

const SIZE = { domains: 2_000, dids: 1_000_000, prefixes: 200_000 };
const CHANGES = 10;
const AUTHORIZATION = `Basic ${Buffer.from('kamailio:secret').toString('base64')}`;

/** A million DIDs and 200,000 prefixes: how long they take to load, how much memory, and what a change costs. */
export async function millionFigures(scope: Scope): Promise<Figure[]> {
  const fleet = await openFleet(scope, SIZE);
  const { child, port, loadSeconds } = await startService(scope, fleet);
  const ask = async (number: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/routing/did/${number}`, {
      headers: { authorization: AUTHORIZATION },
    });
    return (await response.json()) as { destination?: string };
  };
  await ask('+49301000000');
  const rssMb = await residentMb(child.pid);
  await child.ask('pause');
  const changes: number[] = [];
  const pauses: number[] = [];
  for (const [index, number] of someDids(SIZE, CHANGES).entries()) {
    const destination = `2${index}`;
    await fleet.client.query('update did_routing set destination = $1 where did = $2', [destination, number]);
    const committed = performance.now();
    while ((await ask(number)).destination !== destination) {
      if (performance.now() - committed > 5_000) throw new Error(`${number} did not change`);
    }
    changes.push(performance.now() - committed);
    pauses.push(await child.ask<number>('pause'));
  }
  return [
    figure('routing.1m.load_seconds', loadSeconds, 's', 'lower'),
    figure('routing.1m.rss_mb', rssMb, 'MB', 'lower'),
    figure('routing.1m.change_ms', median(changes), 'ms', 'lower'),
    figure('routing.1m.pause_ms', Math.max(...pauses), 'ms', 'lower'),
  ];
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
