import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { openLab } from '../../support/kamailio/lab.ts';
import { openPlainPeer } from '../../support/kamailio/plain-peer.ts';
import { headersOf } from '../../support/kamailio/sip-message.ts';
import { until } from '../../support/until.ts';

const skip = skipWithoutKamailio();

/** An instance that decides the same about every call. */
async function openStub(t: TestContext, decision: object): Promise<string> {
  const server = createServer((_request, response) => void response.end(JSON.stringify(decision)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://kamailio:secret@127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a node that refuses a request goes on taking registrations: whoever asks for nonsense takes none down', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    kamailio: async ({ address }) => ({
      list: [13, 14].map((host) => `1 sip:${address(host)}:5060 0 0 weight=50\n`).join(''),
    }),
  });
  const { proxy: by, command } = lab.kamailio;
  const nodes = await Promise.all([13, 14].map((host) => openPlainPeer(lab.address(host))));
  const phone = await openPlainPeer(lab.address(41));
  t.after(() => {
    for (const peer of [...nodes, phone]) peer.close();
  });
  for (const node of nodes) {
    node.answer(({ first }) => ({ status: first.startsWith('NONSENSE') ? 501 : 200 }));
  }
  const flags = async () => (await command('dispatcher.list')).match(/(?<=FLAGS: )\w+/g);
  await until('both are pinged', async () => (await flags())?.join() === 'AP,AP');
  for (let time = 0; time < 3; time += 1) {
    const refused = await phone.ask({ method: 'NONSENSE', uri: 'sip:1002@a.example', by });
    assert.match(refused.first, / 501 /);
  }
  assert.deepEqual(await flags(), ['AP', 'AP']);
  const to = '<sip:1002@a.example>';
  assert.match((await phone.ask({ method: 'REGISTER', uri: 'sip:a.example', to, by })).first, / 200 /);
});

test('a call that rang for as long as calls may is over, and rings nowhere else', { skip }, async (t) => {
  const lab = await openLab(t, {
    kamailio: async ({ address }) => {
      const routes = [11, 12].map((host) => ({
        uri: 'sip:1001@a.example',
        dst_uri: `sip:${address(host)}:5060`,
        fr_timer: 1_000,
        fr_inv_timer: 1_500,
      }));
      const stub = await openStub(t, { version: '1.0', result: 'route', routing: 'serial', routes });
      return { routing: [stub, stub] };
    },
  });
  lab.fs01.answer(() => ({ status: 180, reason: 'Ringing' }));
  assert.equal((await lab.dial('sip:1001@a.example')).status, 408);
  assert.equal(lab.fs02.invites.length, 0);
  lab.fs01.answer(() => undefined);
  assert.equal(
    (await lab.dial('sip:1001@a.example')).status,
    200,
    'who says nothing is followed by the next',
  );
});

test('what a carrier says to Kamailio alone stays there: the next one is asked, and the caller hears of none', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk, priority) values
      ('40', 'carrier1', 2), ('40', 'carrier2', 1), ('41', 'carrier1', 2)`,
  });
  const headers: [string, string][] = [
    ['Contact', '<sip:+40991234@192.0.2.99>'],
    ['Proxy-Authenticate', 'Digest realm="carrier", nonce="1"'],
  ];
  for (const status of [301, 302, 305, 380, 401, 407]) {
    lab.carrier1.answer(() => ({ status, reason: 'Elsewhere', headers }));
    assert.equal((await lab.dial('sip:+40991234@a.example')).status, 200, `${status}: followed by the next`);
    const last = await lab.dial('sip:+41991234@a.example');
    assert.equal(last.status, 502, `${status}: nobody is left`);
    const told = ['contact', 'proxy-authenticate'].flatMap((name) => headersOf(last.final, name));
    assert.deepEqual(told, [], `${status}`);
  }
  for (const node of [lab.fs01, lab.fs02]) node.answer(() => ({ status: 302, reason: 'Moved', headers }));
  const sent = await lab.dial('sip:1001@a.example');
  assert.equal(sent.status, 302, 'a node may send a caller elsewhere');
  assert.equal(headersOf(sent.final, 'contact')[0], '<sip:+40991234@192.0.2.99>', 'and not back to itself');
});

test('a node hears a carrier’s question for a password, also while the list does not know it', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk) values ('40', 'carrier1')`,
    kamailio: async ({ address }) => ({ list: `1 sip:${address(12)}:5060 0 0\n` }),
  });
  lab.carrier1.answer(() => ({ status: 407, reason: 'Who Are You' }));
  for (const by of [lab.fs01, lab.fs02])
    assert.equal((await lab.dial('sip:+40123456@a.example', { by })).status, 407);
});
