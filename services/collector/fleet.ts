import type { Bus } from '../../libs/bus/bus.ts';
import { showLag } from '../../libs/bus/bus-figures.ts';
import type { App } from '../../libs/http/app.ts';
import { HttpError } from '../../libs/http/problem.ts';
import type { Database } from '../../libs/postgres/database.ts';
import { TOPICS, type Topic } from '../../libs/records/topics.ts';
import type { Registry } from '../../libs/telemetry/metrics.ts';
import { createQuestion } from '../../libs/telemetry/question.ts';
import { showDispatchers } from './dispatcher-metrics.ts';
import { probeText, showFleet } from './fleet-metrics.ts';
import { countLiveCalls, countRegistrations } from './fleet-store.sql.ts';
import type { FollowedNode } from './followed-node.ts';
import type { NodeReading } from './node-figures.ts';

/** The groups whose members may all be gone, and what each has to apply. */
const WATCHED_GROUPS: Readonly<Record<string, readonly Topic[]>> = {
  writer: [TOPICS.cdrs, TOPICS.cdrRejects],
  merger: [TOPICS.channelEvents, TOPICS.cdrs, TOPICS.nodeEvents, TOPICS.registrations, TOPICS.load],
};

export interface FleetOptions {
  app: App;
  metrics: Registry;
  bus: Bus;
  database: Database;
  /** the nodes that are followed here, by switchname; it changes */
  nodes: ReadonlyMap<string, Pick<FollowedNode, 'state' | 'load'>>;
}

/** The figures of the fleet at /metrics, and those of one node at /probe?target=SWITCHNAME. */
export function addFleetMetrics({ app, metrics, bus, database, nodes }: FleetOptions): void {
  const calls = createQuestion(() => countLiveCalls(database.write));
  const registrations = createQuestion(() => countRegistrations(database.write));

  async function read(names: readonly string[]): Promise<NodeReading[]> {
    const [live, registered] = await Promise.all([calls(), registrations()]);
    return names.flatMap((node) => {
      const followed = nodes.get(node);
      if (followed === undefined) return [];
      return [
        {
          node,
          state: followed.state.state,
          load: followed.load,
          calls: live && (live.get(node) ?? 0),
          registrations: registered && (registered.get(node) ?? 0),
        },
      ];
    });
  }

  showFleet(metrics, () => read([...nodes.keys()]));
  showDispatchers(metrics, database.write);
  showGroups(metrics, bus);
  app.get<{ Querystring: { target?: string } }>('/probe', async ({ query }, reply) => {
    const [reading] = await read([query.target ?? '']);
    if (reading === undefined) {
      throw new HttpError(404, 'node-not-followed', 'this collector follows no node of that name');
    }
    const { contentType, text } = await probeText(reading);
    return reply.header('content-type', contentType).send(text);
  });
}

/** Seen from here, as a group whose last member died has nobody left to say how far behind it is. */
function showGroups(metrics: Registry, bus: Bus): void {
  const { groupLag } = bus;
  if (groupLag === undefined) return;
  const lags = createQuestion(async () => {
    const groups = Object.entries(WATCHED_GROUPS).map(async ([group, topics]) =>
      (await groupLag(group, topics)).map((lag) => ({ ...lag, group })),
    );
    return (await Promise.all(groups)).flat();
  });
  showLag(metrics, 'switchfleet_group', lags, 'the members of a group together have');
}
