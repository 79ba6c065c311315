import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import { testAddresses } from '../../support/kamailio/address.ts';
import { skipWithoutKamailio, startKamailio } from '../../support/kamailio/kamailio.ts';

test('the JSON-RPC is for the machines that are named, and for its own', {
  skip: skipWithoutKamailio(),
}, async (t) => {
  const address = testAddresses();
  const nowhere = 'http://kamailio:x@127.0.0.1:1';
  const kamailio = await startKamailio({
    address: address(20),
    routing: [nowhere, nowhere],
    defines: ['WITH_RPC'],
    rpcClients: `2001:db8::/32,${address(70)},${address(80)}/30`,
  });
  t.after(() => kamailio.stop());
  const statusFrom = async (localAddress: string) => {
    const body = '{"jsonrpc":"2.0","method":"core.uptime","id":1}';
    const place = { host: address(20), port: 5062, path: '/RPC', method: 'POST', localAddress };
    const asked = request({ ...place, headers: { 'content-length': body.length } });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  for (const host of [20, 70, 81]) assert.equal(await statusFrom(address(host)), 200, `${host}`);
  assert.equal(await statusFrom('127.0.0.1'), 200);
  for (const host of [71, 90]) assert.equal(await statusFrom(address(host)), 403, `${host}`);
});
