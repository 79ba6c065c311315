import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { type Answer, testApi } from '../../support/api/api.ts';
import { fillPath, type Operation, readOperations, type Schema } from '../../support/api/document.ts';
import { sampleOf } from '../../support/api/sample.ts';
import { makeFleet, makeWorld, type World } from '../../support/api/world.ts';

const ajv = new Ajv2020({ strict: false, allErrors: true });
formats.default(ajv);

/** Asserts that an answer is one that the document has for its operation, and looks as told. */
function assertTold({ responses, operationId }: Operation, answer: Answer): void {
  const words = `${operationId}: ${answer.status} ${answer.text.slice(0, 400)}`;
  const told = responses[String(answer.status)] as
    | { content?: Record<string, { schema: Schema }> }
    | undefined;
  assert.ok(told, `the document does not know ${words}`);
  if (told.content === undefined) {
    assert.equal(answer.text, '', words);
    return;
  }
  const type = String(answer.headers['content-type']).split(';')[0] ?? '';
  const media = told.content[type];
  assert.ok(media, `the document does not know ${type} of ${words}`);
  if (!type.includes('json') || type.includes('ndjson')) return;
  const validate = ajv.compile(media.schema);
  assert.ok(validate(answer.body), `${words}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
}

function paramsOf({ path }: Operation, paths: World['paths']): Readonly<Record<string, unknown>> {
  const [, begin = ''] = /^(\/v1\/[^/.{]+)/.exec(path) ?? [];
  return paths[begin] ?? {};
}

/** A span of time that has an end after its beginning. */
const SPAN: Readonly<Record<string, string>> = { from: '2026-11-20T08:00:00Z', to: '2026-11-20T09:00:00Z' };

/** Query parameters that are needed, with values that fit. */
function queryOf({ parameters }: Operation): string {
  const needed = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
  const query = new URLSearchParams();
  for (const { name, schema } of needed) query.set(name, SPAN[name] ?? String(sampleOf(schema)));
  return query.toString();
}

/** What this api has none of: a bus to hear live events from, and a recording's file. */
const ABSENT: Readonly<Record<string, number>> = { getLive: 503, getCallsByIdRecordingsByRecording: 404 };

const FILES: Readonly<Record<string, string>> = {
  'text/csv': 'no_such_field\n',
  'application/x-ndjson': '{}\n',
};

function bodyOf(operation: Operation) {
  const { body, bodyType } = operation;
  if (body === undefined || bodyType === undefined) return {};
  return { body: FILES[bodyType] ?? sampleOf(body), headers: { 'content-type': bodyType } };
}

test('every operation of the document keeps its word', async (t) => {
  const api = await testApi(t);
  const { ask, token } = api;
  const world = await makeWorld(api, 'alpha', 1);
  const paths = { ...world.paths, ...(await makeFleet(api)) };
  const operations = await readOperations(api);
  const [analyst, operator, own] = [
    await token('analyst'),
    await token('operator'),
    await token('admin', 'alpha'),
  ];
  const urlOf = (operation: Operation) =>
    `${fillPath(operation, paramsOf(operation, paths))}?${queryOf(operation)}`;

  await t.test('nobody comes in without a token that counts', async () => {
    for (const operation of operations) {
      for (const wrong of ['', 'nonsense', `sft_${'a'.repeat(43)}`]) {
        const answer = await ask(operation.method, urlOf(operation), { token: wrong, ...bodyOf(operation) });
        assert.equal(answer.status, 401, `${operation.operationId} with ${wrong}`);
        assertTold(operation, answer);
      }
    }
  });

  await t.test('nobody does more than role and scope allow', async () => {
    for (const operation of operations) {
      const { role, tenant } = operation.access;
      const low = role === 'admin' ? [analyst, operator] : role === 'operator' ? [analyst] : [];
      for (const given of [...low, ...(tenant === 'fleet' ? [own] : [])]) {
        const answer = await ask(operation.method, urlOf(operation), { token: given, ...bodyOf(operation) });
        assert.equal(answer.status, 403, operation.operationId);
        assertTold(operation, answer);
      }
    }
  });

  await t.test('what cannot be read is refused, field by field, and nothing breaks', async () => {
    for (const operation of operations) {
      const { method, operationId, parameters, body } = operation;
      const unknown = await ask(method, `${urlOf(operation)}&no_such_parameter=1`, bodyOf(operation));
      assert.deepEqual(
        [unknown.status, unknown.body.code],
        [400, 'validation'],
        `${operationId}: ${unknown.text}`,
      );
      for (const { name, in: place, schema } of parameters) {
        if (place !== 'query' || !['integer', 'boolean'].includes(String(schema.type))) continue;
        const wrong = await ask(method, `${urlOf(operation)}&${name}=many`, bodyOf(operation));
        assert.equal(wrong.status, 400, `${operationId} ${name}: ${wrong.text}`);
        assertTold(operation, wrong);
      }
      if (operation.bodyType !== 'application/json' || body === undefined) continue;
      for (const wrong of [[], 'text', { no_such_field: 1 }, null]) {
        const answer = await ask(method, urlOf(operation), {
          body: JSON.stringify(wrong),
          headers: { 'content-type': 'application/json' },
        });
        assert.equal(answer.status, 400, `${operationId} ${JSON.stringify(wrong)}: ${answer.text}`);
        assertTold(operation, answer);
      }
    }
  });

  await t.test('what is asked well is answered as told', async () => {
    // reads first, then what changes, then what removes
    const order = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
    const sorted = operations.toSorted((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
    const seen = new Map<string, number>();
    for (const operation of sorted) {
      const answer = await ask(operation.method, urlOf(operation), bodyOf(operation));
      const isTold = answer.status < 500 || answer.status === ABSENT[operation.operationId];
      assert.ok(isTold, `${operation.operationId}: ${answer.status} ${answer.text}`);
      assertTold(operation, answer);
      if (operation.method === 'GET') seen.set(operation.operationId, answer.status);
    }
    const refused = [...seen].filter(([name, status]) => status !== (ABSENT[name] ?? 200));
    assert.deepEqual(refused, [], 'reads of what is there');
  });
});
