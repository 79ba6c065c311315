import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { testApi } from '../../../support/api/api.ts';

test('the document is OpenAPI 3.1 without a fault, and needs no token', async (t) => {
  const { ask } = await testApi(t);
  const { status, text, body } = await ask('GET', '/v1/openapi.json', { token: '' });
  assert.deepEqual([status, body['openapi']], [200, '3.1.0']);
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: text, config });
  assert.deepEqual(
    problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
    [],
  );
});

test('every operation says who may use it, and answers problems as problems', async (t) => {
  const { ask } = await testApi(t);
  const { body } = await ask('GET', '/v1/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, Record<string, unknown>>>;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  assert.ok(operations.length > 8);
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const operation of operations) {
    assert.ok(operation['x-access'], String(operation['operationId']));
    assert.ok((operation['responses'] as Record<string, unknown>)['401']);
  }
});

test('the page for people has every operation, and nothing from elsewhere', async (t) => {
  const { ask } = await testApi(t);
  const { status, text, headers } = await ask('GET', '/docs', { token: '' });
  assert.equal(status, 200);
  assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
  const { body } = await ask('GET', '/v1/openapi.json');
  for (const path of Object.keys(body['paths'] as object))
    assert.ok(text.includes(`<code>${path}</code>`), path);
  assert.doesNotMatch(text, /<script|src=|https?:\/\//);
});

test('a wrong method is told the right ones, and a misspelt filter is no filter', async (t) => {
  const { ask } = await testApi(t);
  const wrong = await ask('DELETE', '/v1/calls');
  assert.deepEqual(
    [wrong.status, wrong.body.code, wrong.headers['allow']],
    [405, 'method-not-allowed', 'GET, HEAD'],
  );
  assert.equal((await ask('GET', '/v1/call')).status, 404);
  const misspelt = await ask('GET', '/v1/calls?limitt=3&limit=x');
  assert.deepEqual([misspelt.status, misspelt.body.code], [400, 'validation']);
  assert.deepEqual(misspelt.body['errors'], [
    { field: 'query.limitt', reason: 'must NOT have additional properties' },
    { field: 'query.limit', reason: 'must be integer' },
  ]);
});

test('what the router itself refuses is a problem as well', async (t) => {
  const { ask, app } = await testApi(t);
  const long = await ask('GET', `/v1/cdrs/${'x'.repeat(2_000)}/document`);
  assert.deepEqual([long.status, long.body.code], [414, 'max-param-length']);
  assert.match(String(long.headers['content-type']), /^application\/problem\+json/);
  const broken = await ask('GET', '/v1/calls/%zz');
  assert.deepEqual([broken.status, broken.body.code], [400, 'bad-url']);
  const query = await app.inject({
    method: 'QUERY' as 'GET',
    url: '/v1/calls',
    headers: { authorization: 'x' },
  });
  assert.equal(query.statusCode, 405);
});
