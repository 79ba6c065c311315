import type { PoolClient } from 'pg';
import { Type } from 'typebox';
import { createClock } from '../../../libs/clock/clock.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import type { Author, Item, Resource } from '../../../libs/provisioning/resource/resource.ts';
import { createSchema, keySchema, patchSchema } from '../../../libs/provisioning/resource/schemas.ts';
import { removeItem, writeItem } from '../../../libs/provisioning/resource/service.ts';
import { DIDS } from '../../../libs/provisioning/resources/dids.ts';
import { TRUNK_ROUTES } from '../../../libs/provisioning/resources/trunk-routes.ts';
import { TRUNKS } from '../../../libs/provisioning/resources/trunks.ts';
import { readRoutingState } from '../../../libs/provisioning/routing-state.ts';
import { nullable } from '../../../libs/records/variables.ts';
import type { RoutingState } from '../../../libs/routing/routing-state.ts';
import { applyPending, type PendingChange, readPending } from '../../../libs/snapshot/pending.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { authorOf } from './author.ts';
import { Explained, explainTo, RoutingQuestion } from './explain-routes.ts';
import type { ResourceDeps } from './resource-routes.ts';

const CHANGED: readonly Resource[] = [DIDS, TRUNKS, TRUNK_ROUTES];

const previewSchema = (resource: Resource) =>
  Type.Object(
    {
      question: Type.Object(RoutingQuestion.properties, { additionalProperties: false }),
      key: Type.Optional(
        Type.Object((keySchema(resource) as Type.TObject).properties, {
          additionalProperties: false,
          description: 'names what is changed, or removed where `change` is left out',
        }),
      ),
      change: Type.Optional(patchSchema(resource)),
      create: Type.Optional(createSchema(resource)),
    },
    { additionalProperties: false, title: `${resource.title}Preview` },
  );

const Previewed = Type.Object(
  {
    item: nullable(
      Type.Object({}, { additionalProperties: true, description: 'as it would be; null: gone' }),
    ),
    before: Explained,
    after: Explained,
  },
  { title: 'RoutingPreview' },
);

interface Preview {
  question: Type.Static<typeof RoutingQuestion>;
  key?: Item;
  change?: Item;
  create?: Item;
}

/** `POST /v1/routing/preview/dids`, `/trunks` and `/trunk-routes`: where a call would go now, and where after a change that is not kept. */
export function addPreviewRoutes(app: ApiRoutes, deps: ResourceDeps): void {
  const read = oneAtATime(deps.pool);
  for (const resource of CHANGED) addPreview(app, resource, { ...deps, read });
}

function addPreview(
  app: ApiRoutes,
  resource: Resource,
  { read, ...deps }: ResourceDeps & { read: ReturnType<typeof oneAtATime> },
): void {
  app.post(
    `/v1/routing/preview/${resource.name}`,
    {
      config: { access: { role: 'operator', tenant: 'fleet' } },
      schema: {
        summary: `Where a call would go before and after a change of a ${resource.words[0]}; nothing is kept`,
        description:
          'With `create` one is made, with `key` and `change` one is changed, with `key` alone it is removed: checked as for good, and taken back.',
        tag: 'routing',
        body: previewSchema(resource),
        response: { 200: Previewed },
        problems: [404, 409, 422],
      },
    },
    async (request) => {
      const preview = request.body as Preview;
      return read(async (state) => {
        const before = explainTo(state, preview.question);
        const author = authorOf(request, deps.box);
        const { item, pending } = await rehearse(resource, preview, { ...deps, author, model: state.model });
        applyPending(state.model, pending);
        return { item, before, after: explainTo(state, preview.question) };
      });
    },
  );
}

/** Each holds the configuration of the whole fleet in memory. @throws HttpError 503 `preview-busy` */
function oneAtATime(pool: Pool) {
  const clock = createClock();
  let isBusy = false;
  return async <T>(work: (state: RoutingState) => Promise<T>): Promise<T> => {
    if (isBusy)
      throw new HttpError(503, 'preview-busy', 'another preview is made just now', { retryAfter: 1 });
    isBusy = true;
    try {
      return await work(await readRoutingState(pool, clock.nowUs()));
    } finally {
      isBusy = false;
    }
  };
}

interface Rehearsal {
  pool: Pool;
  author: Author;
  model: RoutingState['model'];
}

/** Makes the change, reads what it comes to, and takes it back. @throws CodedError as the change itself would */
async function rehearse(
  resource: Resource,
  { key, change, create }: Preview,
  { pool, author, model }: Rehearsal,
): Promise<{ item: Item | null; pending: PendingChange[] }> {
  const pending: PendingChange[] = [];
  const onChanged = async (client: PoolClient) => {
    pending.push(...(await readPending(client, model)));
  };
  const options = { author, dryRun: true, onChanged };
  if ((key === undefined) === (create === undefined) || (create !== undefined && change !== undefined))
    throw new HttpError(400, 'preview-unclear', 'either `create`, or `key` with `change` or alone');
  if (key !== undefined && change === undefined) {
    await removeItem(pool, resource, key, options);
    return { item: null, pending };
  }
  const given = create ?? { ...change, ...key };
  const mode = create === undefined ? 'patch' : 'create';
  const { stored } = await writeItem(pool, resource, given, { ...options, mode });
  return { item: stored.item, pending };
}
