import type { PoolClient } from 'pg';
import { Type } from 'typebox';
import { HttpError } from '../../../libs/http/problem.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import type { Author, Item, Resource } from '../../../libs/provisioning/resource/resource.ts';
import { createSchema, keySchema, patchSchema } from '../../../libs/provisioning/resource/schemas.ts';
import { type ChangeOptions, removeItem, writeItem } from '../../../libs/provisioning/resource/service.ts';
import { DIDS } from '../../../libs/provisioning/resources/dids.ts';
import { TRUNK_ROUTES } from '../../../libs/provisioning/resources/trunk-routes.ts';
import { TRUNKS } from '../../../libs/provisioning/resources/trunks.ts';
import { nullable } from '../../../libs/records/variables.ts';
import type { ApiRoutes } from '../api-routes.ts';
import { authorOf } from './author.ts';
import { Explained, explainNow, RoutingQuestion } from './explain-routes.ts';
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
  for (const resource of CHANGED) addPreview(app, resource, deps);
}

function addPreview(app: ApiRoutes, resource: Resource, { pool, box }: ResourceDeps): void {
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
      const before = await explainNow(pool, preview.question);
      const author = authorOf(request, box);
      return { before, ...(await rehearse(resource, preview, { pool, author })) };
    },
  );
}

interface Rehearsal {
  pool: Pool;
  author: Author;
}

/** Makes the change, asks where the call goes then, and takes it back. @throws CodedError as the change itself would */
async function rehearse(
  resource: Resource,
  preview: Preview,
  { pool, author }: Rehearsal,
): Promise<{ item: Item | null; after: Type.Static<typeof Explained> }> {
  const told: Type.Static<typeof Explained>[] = [];
  const onChanged = async (client: PoolClient) => {
    told.push(await explainNow(client, preview.question));
  };
  const options = { author, dryRun: true, onChanged };
  const item = await makeAndTakeBack(resource, preview, { pool, options });
  const after = told.at(-1);
  if (after === undefined) throw new TypeError('a rehearsal was never asked what it changes');
  return { item, after };
}

async function makeAndTakeBack(
  resource: Resource,
  { key, change, create }: Preview,
  { pool, options }: { pool: Pool; options: Omit<ChangeOptions, 'mode'> },
): Promise<Item | null> {
  if ((key === undefined) === (create === undefined) || (create !== undefined && change !== undefined))
    throw new HttpError(400, 'preview-unclear', 'either `create`, or `key` with `change` or alone');
  if (key !== undefined && change === undefined) {
    await removeItem(pool, resource, key, options);
    return null;
  }
  const given = create ?? { ...change, ...key };
  const mode = create === undefined ? 'patch' : 'create';
  const { stored } = await writeItem(pool, resource, given, { ...options, mode });
  return stored.item;
}
