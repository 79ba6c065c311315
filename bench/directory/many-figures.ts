import { compareTogether, type Figure, figure, percentile } from '../figure.ts';
import type { Scope } from '../main/scope.ts';
import type { Effort } from '../parts.ts';
import { addressOf, type Fleet, openFleet } from './fleet.ts';
import { against, startBare } from './http-figures.ts';
import { load, rateOf, residentMb, start, startService } from './place.ts';
import { questionsFor } from './questions.ts';

const SIZE = { domains: 2_000, users: 200_000 };
const CHANGES = 200;
const LATEST_MS = 10_000;

/** 200,000 users in 2,000 domains: how long they take to load, how much memory, how fast they are, and how soon a change shows. */
export async function manyFigures(scope: Scope, { rounds, seconds }: Effort): Promise<Figure[]> {
  const fleet = await openFleet(scope, SIZE);
  const service = await startService(scope, fleet);
  const requests = questionsFor(SIZE);
  const client = start(scope, 'http-load-process.ts');
  const bare = await startBare(scope, service.port, requests);
  const milliseconds = seconds * 1000;
  const rate = async (port: number) => rateOf(await load(client, { port, requests, milliseconds }));
  for (const port of [service.port, bare]) await rate(port);
  const keepalive = against(
    'directory.200k.keepalive',
    () => rate(service.port),
    () => rate(bare),
  );
  const compared = await compareTogether([keepalive], rounds);
  const visible = await changesVisible(fleet, service.port);
  return [
    ...compared,
    figure('directory.200k.load_seconds', service.loadSeconds, 's', 'lower'),
    figure('directory.200k.rss_mb', await residentMb(service.child), 'MB', 'lower'),
    figure('directory.change_visible_ms', visible, 'ms', 'lower'),
  ];
}

/** p99 of the time from a commit to the first answer that has the change. */
async function changesVisible({ client, size }: Fleet, port: number): Promise<number> {
  const taken: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const { user, domain } = addressOf(size, Math.floor((change * size.users) / CHANGES));
    const name = `Changed ${change}`;
    await client.query('update users set caller_id_name = $1 where domain = $2 and user_id = $3', [
      name,
      domain,
      user,
    ]);
    const committed = performance.now();
    while (!(await answerFor(port, user, domain)).includes(`"${name}"`)) {
      if (performance.now() - committed > LATEST_MS) throw new Error(`${user}@${domain} did not change`);
    }
    taken.push(performance.now() - committed);
  }
  return percentile(taken, 0.99);
}

async function answerFor(port: number, user: string, domain: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/freeswitch`, {
    method: 'POST',
    body: `hostname=fs1&section=directory&tag_name=domain&key_name=name&key_value=${domain}&key=id&user=${user}&domain=${domain}`,
    headers: {
      authorization: `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  return answer.text();
}
