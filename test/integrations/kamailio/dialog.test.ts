import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { type Lab, type LabOptions, openLab } from '../../support/kamailio/lab.ts';
import { openPlainPeer, type PlainPeer, targetOf } from '../../support/kamailio/plain-peer.ts';
import { headerOf, headersOf, type SipMessage, statusOf } from '../../support/kamailio/sip-message.ts';

const skip = skipWithoutKamailio();

type Ends = Lab & { by: string; caller: PlainPeer; node: PlainPeer; carrier: PlainPeer };

/** A phone, a node and a carrier, each of which remembers what reaches it; the node is the one that Kamailio lists. */
async function openEnds(t: TestContext, options: LabOptions = {}, listed = 13): Promise<Ends> {
  const lab = await openLab(t, {
    seed: (address) => `insert into trunks (name, host) values ('carrier3', '${address(53)}');
      insert into trunk_routing (prefix, trunk) values ('40', 'carrier3');
      update nodes set sip_uri = 'sip:${address(13)}:5060';`,
    ...options,
    kamailio: async ({ address }) => ({ list: `1 sip:${address(listed)}:5060 0 0\n` }),
  });
  const open = (host: number, port: number, says?: string) => openPlainPeer(lab.address(host), port, says);
  const [caller, node, carrier] = await Promise.all([open(41, 5060), open(13, 5060), open(53, 5060)]);
  t.after(() => {
    for (const end of [caller, node, carrier]) end.close();
  });
  return { ...lab, by: lab.kamailio.proxy, caller, node, carrier };
}

const OUTSIDE = 'sip:+40123456@a.example';
const INSIDE = 'sip:1001@a.example';

test('who makes up a dialog reaches our nodes, and nothing else', { skip }, async (t) => {
  const { caller, node, carrier, by } = await openEnds(t);
  const own = `<sip:${by};lr>`;
  const made = (uri: string, route = own) => {
    const headers: [string, string][] = [['Route', route]];
    return caller.ask({ method: 'MESSAGE', uri, by, to: '<sip:x@a.example>;tag=made-up', headers });
  };
  const at = carrier.says;
  const elsewhere: [string, string?][] = [
    [`sip:x@${at}`],
    [`sip:x@192.0.2.9;alias=${at.replace(':', '~')}~1`],
    [`sip:x@${node.says}`, `${own}, <sip:${at};lr>`],
    [`sip:x@${node.says}`, `<sip:${by};lr;received=sip:${at}>`],
    [`sip:x@${node.says};maddr=${at.split(':')[0]}`],
    [`sip:x@${at}`, `<sip:${by};lr;direct=0123456789abcdef0123456789abcdef>`],
    [`sip:x@${at}`, `<sip:${by};lr;direct=>`],
    [`sip:x@${at}`, `<sip:${by};lr;direct>`],
  ];
  for (const [uri, route] of elsewhere) {
    assert.equal(statusOf(await made(uri, route)), 403, `${uri} by ${route ?? own}`);
  }
  await caller.tell({
    method: 'ACK',
    uri: `sip:x@${at}`,
    by,
    to: '<sip:x@a.example>;tag=made-up',
    headers: [['Route', own]],
  });
  assert.deepEqual([carrier.requests, node.requests.map(({ first }) => first)], [[], []]);
  assert.equal(statusOf(await made(`sip:x@${node.says}`)), 200);
});

test('a call between a phone and a carrier goes on in both directions, and its mark opens no other', {
  skip,
}, async (t) => {
  const { caller, carrier, node, by } = await openEnds(t);
  const within = await caller.ask({ method: 'INVITE', uri: OUTSIDE, by });
  assert.equal(statusOf(within), 200);
  await caller.tell({ method: 'ACK', uri: targetOf(within), by, within });
  await carrier.got('ACK');
  const invite = await carrier.got('INVITE');
  const back = turned(invite, within);
  assert.equal(
    statusOf(await carrier.ask({ method: 'UPDATE', uri: targetOf(invite), by, within: back })),
    200,
  );
  assert.equal(statusOf(await caller.ask({ method: 'BYE', uri: targetOf(within), by, within })), 200);
  await carrier.got('BYE');

  const other: SipMessage = {
    ...within,
    headers: within.headers.map(([name, value]) => [name, /call-id/i.test(name) ? 'another' : value]),
  };
  assert.equal(statusOf(await caller.ask({ method: 'BYE', uri: targetOf(within), by, within: other })), 403);

  const inside = await caller.ask({ method: 'INVITE', uri: INSIDE, by });
  assert.equal(statusOf(inside), 200);
  const misused = { method: 'BYE', uri: `sip:x@${carrier.says}`, by, within: inside };
  assert.equal(statusOf(await caller.ask(misused)), 403, 'a node’s call leads to nodes');
  assert.equal(statusOf(await caller.ask({ ...misused, uri: targetOf(inside) })), 200);
  await node.got('BYE');
});

test('who calls by a Route of his own, as to an outbound proxy, hears once that he is refused', {
  skip,
}, async (t) => {
  const { dial, phone, carrier, node, by } = await openEnds(t);
  for (const end of [carrier, node]) end.answer(() => ({ status: 486 }));
  const headers: [string, string][] = [['Route', `<sip:${by};lr>`]];
  for (const uri of [OUTSIDE, INSIDE]) assert.equal((await dial(uri, { headers })).status, 486);
  // An answer that nobody acknowledges is sent again after half a second, then after a whole one.
  await sleep(1_700);
  assert.ok(phone.finals.length <= 3, `${phone.finals.length} answers to two calls`);
});

test('a strict router, which puts our Route into the request line, ends its call by a carrier', {
  skip,
}, async (t) => {
  const { caller, carrier, by } = await openEnds(t);
  const answer = await caller.ask({ method: 'INVITE', uri: OUTSIDE, by });
  const own = /<(.*)>/.exec(headerOf(answer, 'record-route') ?? '')?.[1] ?? '';
  const headers = answer.headers.map(([name, value]): [string, string] =>
    /^record-route$/i.test(name) ? [name, `<${targetOf(answer)}>`] : [name, value],
  );
  const within = { ...answer, headers };
  assert.equal(statusOf(await caller.ask({ method: 'BYE', uri: own, by, within })), 200);
  assert.equal((await carrier.got('BYE')).first, `BYE ${targetOf(answer)} SIP/2.0`);
  const unsigned = own.replace(/direct=./, 'direct=x');
  assert.equal(statusOf(await caller.ask({ method: 'BYE', uri: unsigned, by, within })), 403);
});

test('a node that tells its address outside is found inside, also while the list does not know it', {
  skip,
}, async (t) => {
  const outside: [string, string] = ['Contact', '<sip:1001@198.51.100.7:5060>'];
  for (const host of [13, 14]) {
    await t.test(`the list has ${host}`, async (t) => {
      const { caller, node, by } = await openEnds(t, {}, host);
      node.answer(() => ({ status: 200, headers: [outside] }));
      const within = await caller.ask({ method: 'INVITE', uri: INSIDE, by });
      const held = await caller.ask({ method: 'INVITE', uri: targetOf(within), by, within });
      assert.equal(statusOf(await caller.ask({ method: 'BYE', uri: targetOf(held), by, within })), 200);
      await node.got('BYE');
    });
  }
});

test('what a carrier may not see of the caller it does not see in a re-INVITE either', {
  skip,
}, async (t) => {
  const { caller, carrier, node, by } = await openEnds(t, {
    seed: (address) => `insert into trunks (name, host) values ('carrier3', '${address(53)}');
      insert into trunk_routing (prefix, trunk, caller_id_rewrite) values ('40', 'carrier3', '+4930555'), ('41', 'carrier3', null);
      update nodes set sip_uri = 'sip:${address(13)}:5060';`,
  });
  const own: [string, string][] = ['P-Asserted-Identity', 'P-Preferred-Identity', 'Remote-Party-ID'].map(
    (name) => [name, '"Bob" <sip:+4930777@a.example>'],
  );
  const names = ['"Bob" ', 'Bob ', '', '"a<b, \\"c" ', '"" '];
  const seen = async (end: PlainPeer, uri: string, name: string) => {
    carrier.requests.length = 0;
    const within = await end.ask({ method: 'INVITE', uri, by, name, headers: own });
    for (const method of ['INVITE', 'UPDATE', 'BYE']) {
      assert.equal(statusOf(await end.ask({ method, uri: targetOf(within), by, within, headers: own })), 200);
    }
    return carrier.requests.map((request) => [
      headerOf(request, 'from')?.replace(/;tag=.*/, ''),
      own.flatMap(([header]) => headersOf(request, header)).length,
    ]);
  };
  for (const end of [caller, node]) {
    for (const name of names) {
      const hidden = await seen(end, OUTSIDE, name);
      assert.deepEqual(hidden[0], ['"" <sip:+4930555@a.example>', 0]);
      for (const request of hidden.slice(1))
        assert.match(`${request}`, /^(?:"" )?<sip:\+4930555@a\.example>,0$/, name);
    }
    const shown = await seen(end, 'sip:+41123456@a.example', '"Bob" ');
    assert.deepEqual(
      shown,
      Array.from({ length: 4 }, () => ['"Bob" <sip:1002@a.example>', 3]),
    );
  }
});

/** The dialog as its other end knows it. */
function turned(invite: SipMessage, answer: SipMessage): SipMessage {
  const routes = headersOf(invite, 'record-route')
    .toReversed()
    .map((value): [string, string] => ['Record-Route', value]);
  const swapped: [string, string][] = [
    ['From', headerOf(answer, 'to') ?? ''],
    ['To', headerOf(answer, 'from') ?? ''],
    ['Call-ID', headerOf(answer, 'call-id') ?? ''],
  ];
  return { first: answer.first, headers: [...swapped, ...routes], body: '' };
}
