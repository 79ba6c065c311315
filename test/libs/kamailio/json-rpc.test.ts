import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { callKamailio } from '../../../libs/kamailio/json-rpc.ts';

/** A server that answers one body with a status, and remembers what it was asked. */
async function answering(t: TestContext, status: number, body: string) {
  const asked: { request: IncomingMessage; body: string }[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ request, body: await text(request) });
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://kam:pass%40word@127.0.0.1:${port}/RPC` };
}

test('a set is sent as a number, credentials of the URL as a header', async (t) => {
  const { asked, url } = await answering(t, 200, '{"jsonrpc":"2.0","result":{"ok":1},"id":1}');
  const result = await callKamailio({
    url,
    method: 'dispatcher.set_state',
    params: ['d', 1, 'sip:192.0.2.1'],
  });
  assert.deepEqual(result, { ok: 1 });
  assert.deepEqual(JSON.parse(asked[0]?.body ?? '').params, ['d', 1, 'sip:192.0.2.1']);
  const expected = `Basic ${Buffer.from('kam:pass@word').toString('base64')}`;
  assert.equal(asked[0]?.request.headers.authorization, expected);
});

test('a refusal carries Kamailio’s own words', async (t) => {
  const { url } = await answering(
    t,
    500,
    '{"jsonrpc":"2.0","error":{"code":500,"message":"Ongoing reload"},"id":1}',
  );
  await assert.rejects(callKamailio({ url, method: 'dispatcher.reload' }), {
    code: 'kamailio-refused',
    message: /Ongoing reload/,
  });
});

test('what is no JSON-RPC is unreachable, and no password is told', async (t) => {
  const { url } = await answering(t, 200, '<html>');
  const error = await callKamailio({ url, method: 'dispatcher.list' }).catch((caught: unknown) => caught);
  assert(error instanceof Error && 'code' in error);
  assert.equal(error.code, 'kamailio-unreachable');
  assert.ok(!`${error.message} ${String(error.cause)}`.includes('word'));
});
