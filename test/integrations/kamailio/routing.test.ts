import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeAnswer } from '../../../libs/routing/answer.ts';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { type Lab, openLab, STALE_MS } from '../../support/kamailio/lab.ts';
import { startRoutingProcess } from '../../support/kamailio/routing-process.ts';
import { openEndpoint } from '../../support/kamailio/sip-endpoint.ts';
import { headerOf, headersOf, type SipMessage, uriOf } from '../../support/kamailio/sip-message.ts';
import { until } from '../../support/until.ts';

const skip = skipWithoutKamailio();

/** The only INVITE that an endpoint got, taken away. */
function taken(endpoint: { invites: SipMessage[] }): SipMessage {
  assert.equal(endpoint.invites.length, 1);
  const [invite] = endpoint.invites.splice(0);
  assert(invite !== undefined);
  return invite;
}

/** The INVITE that reached one of the nodes. */
function atAnyNode({ fs01, fs02 }: Lab): SipMessage {
  const invites = [...fs01.invites.splice(0), ...fs02.invites.splice(0)];
  assert.equal(invites.length, 1);
  return invites[0] as SipMessage;
}

/** The path that a phone’s registration left with its node. */
async function registeredPath({ phone, fs01, fs02, kamailio }: Lab): Promise<string> {
  const options = { proxy: kamailio.proxy, uri: 'sip:a.example', from: 'sip:1002@a.example' };
  assert.equal((await phone.register(options)).status, 200);
  const [register] = [...fs01.registers, ...fs02.registers].slice(-1);
  return headerOf(register as SipMessage, 'path') ?? '';
}

test('a carrier’s call reaches the DID’s tenant; an unknown DID is 404', { skip }, async (t) => {
  const lab = await openLab(t);
  const { carrier1, dial, kamailio } = lab;
  const here = kamailio.proxy.split(':')[0];
  assert.equal((await dial(`sip:+4930100@${here}`, { by: carrier1 })).status, 200);
  const first = atAnyNode(lab);
  assert.equal(uriOf(first), 'sip:1001@a.example');
  assert.equal(headerOf(first, 'X-Switchfleet-Trunk'), 'carrier1');
  assert.match(headerOf(first, 'X-Call-Correlation-ID') ?? '', /^[0-9a-f-]{36}$/);
  assert.equal((await dial(`sip:004930200@${here}`, { by: carrier1 })).status, 200);
  assert.equal(uriOf(atAnyNode(lab)), 'sip:1001@b.example');
  const unknown = await dial(`sip:+4930999@${here}`, { by: carrier1 });
  assert.deepEqual([unknown.status, unknown.reason], [404, 'Not Found']);
  assert.equal((await dial('sip:1001@a.example', { by: carrier1 })).status, 404, 'no extension for carriers');
});

test('the same extension in two tenants is two users', { skip }, async (t) => {
  const lab = await openLab(t, {
    seed: () => `update domains set node = 'fs01' where name = 'a.example';
      update domains set node = 'fs02' where name = 'b.example';`,
  });
  assert.equal((await lab.dial('sip:1001@a.example')).status, 200);
  assert.equal(uriOf(taken(lab.fs01)), 'sip:1001@a.example');
  assert.equal((await lab.dial('sip:1001@b.example', { from: 'sip:1001@b.example' })).status, 200);
  assert.equal(uriOf(taken(lab.fs02)), 'sip:1001@b.example');
});

test('outbound: the longest prefix, then priority; a trunk that refuses is followed by the next', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk, priority, strip, prepend) values
      ('40', 'carrier1', 2, 0, ''), ('40', 'carrier2', 1, 2, '0'), ('4021', 'carrier2', 0, 0, '+'), ('41', 'carrier1', 0, 0, '')`,
  });
  const { carrier1, carrier2, dial } = lab;
  assert.equal((await dial('sip:0040211234@a.example')).status, 200);
  assert.match(uriOf(taken(carrier2)), /^sip:\+40211234@/);
  assert.equal((await dial('sip:+40991234@a.example')).status, 200);
  assert.match(uriOf(taken(carrier1)), /^sip:\+40991234@/);
  assert.equal(carrier2.invites.length, 0);

  carrier1.answer(() => ({ status: 503, reason: 'Service Unavailable' }));
  assert.equal((await dial('sip:+40991234@a.example')).status, 200);
  const [tried, followed] = [taken(carrier1), taken(carrier2)];
  assert.match(uriOf(followed), /^sip:0991234@/, 'every route has its own strip and prepend');
  const id = (invite: SipMessage) => headersOf(invite, 'X-Call-Correlation-ID');
  assert.deepEqual(id(followed), id(tried), 'a failover is one call');
  assert.equal(id(tried).length, 1);

  carrier1.answer(() => ({ status: 486, reason: 'Busy Here' }));
  assert.equal((await dial('sip:+40991234@a.example')).status, 486);
  assert.equal(carrier2.invites.length, 0, 'busy is an answer, not a failure');
  assert.equal((await dial('sip:+42991234@a.example')).status, 404);
});

test('each carrier is shown the caller that its own route says, also after another one refused', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk, priority, caller_id_rewrite) values
      ('40', 'carrier1', 2, '+4930555'), ('40', 'carrier2', 1, null),
      ('41', 'carrier1', 2, null), ('41', 'carrier2', 1, '+4930666')`,
  });
  const { carrier1, carrier2, dial } = lab;
  carrier1.answer(() => ({ status: 503, reason: 'Service Unavailable' }));
  const headers = ['P-Asserted-Identity', 'P-Preferred-Identity', 'Remote-Party-ID'].map(
    (name): [string, string] => [name, '<sip:+4930777@a.example>'],
  );
  const callers = async (number: string) => {
    assert.equal((await dial(`sip:${number}@a.example`, { display: 'Bob', headers })).status, 200);
    return [carrier1, carrier2].map((carrier) => {
      const invite = taken(carrier);
      const others = headers.flatMap(([name]) => headersOf(invite, name)).length;
      return `${headerOf(invite, 'from')?.split('@')[0]} and ${others}`;
    });
  };
  assert.deepEqual(await callers('+40991234'), ['"" <sip:+4930555 and 0', '"Bob" <sip:1002 and 3']);
  assert.deepEqual(await callers('+41991234'), ['"Bob" <sip:1002 and 3', '"" <sip:+4930666 and 0']);
});

test('a phone registers at one node, with the path on which the node’s calls come back', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk) values ('40', 'carrier1')`,
  });
  const { phone, fs01, fs02, kamailio, dial } = lab;
  const { proxy } = kamailio;
  for (let time = 0; time < 3; time += 1) {
    const options = { proxy, uri: 'sip:a.example', from: 'sip:1002@a.example' };
    assert.equal((await phone.register(options)).status, 200);
  }
  assert.deepEqual([fs01.registers.length, fs02.registers.length].sort(), [0, 3], 'always the same node');
  const [node, register] =
    fs01.registers[0] === undefined ? [fs02, fs02.registers[0]] : [fs01, fs01.registers[0]];
  const path = headerOf(register as SipMessage, 'path') ?? '';
  assert.match(path, /^<sip:.*;lr.*>/);
  const contact = `sip:${phone.address}:${phone.port}`;
  assert.equal((await dial(contact, { by: node, headers: [['Route', path]] })).status, 200);
  assert.equal(uriOf(taken(phone)), contact);

  for (const route of [`<sip:${proxy}>`, `<sip:${proxy};lr>`]) {
    const options = { by: node, headers: [['Route', route] satisfies [string, string]] };
    assert.equal((await dial('sip:+40123456@a.example', options)).status, 200, 'a dial-string’s fs_path');
    assert.match(uriOf(taken(lab.carrier1)), /^sip:\+40123456@/);
  }
});

test('registrations may be kept in Kamailio: a node’s call reaches the phone by the user’s name', {
  skip,
}, async (t) => {
  const { phone, fs01, fs02, kamailio, dial } = await openLab(t, {
    kamailio: async () => ({ defines: ['WITH_USRLOC'] }),
  });
  const { proxy } = kamailio;
  const options = { proxy, uri: 'sip:a.example', from: 'sip:1002@a.example' };
  assert.equal((await phone.register(options)).status, 200);
  assert.equal(fs01.registers.length + fs02.registers.length, 0);
  assert.equal((await dial('sip:1002@a.example', { by: fs01 })).status, 200);
  assert.equal(uriOf(taken(phone)), `sip:${phone.address}:${phone.port}`);
});

test('where registrations are kept in Kamailio, a node that calls a phone that is off hears so', {
  skip,
}, async (t) => {
  const { fs01, fs02, dial } = await openLab(t, {
    kamailio: async () => ({ defines: ['WITH_USRLOC'] }),
  });
  const { status } = await dial('sip:1001@a.example', { by: fs01 });
  assert.deepEqual([status, fs01.invites, fs02.invites], [480, [], []], 'a node would ask here again');
  assert.equal((await dial('sip:1001@a.example')).status, 200, 'a phone’s call goes to a node');
  const headers: [string, string][] = [['X-Switchfleet-Forwarded', '1001@a.example']];
  const sent = await dial('sip:1001@a.example', { by: fs01, headers });
  assert.equal(sent.status, 200, 'to the node that has the phone of a domain whose phones register there');
});

test('a phone’s call to the outside may pass a node first; a node’s own leaves at once, even if only the list knows it', {
  skip,
}, async (t) => {
  const list = (hosts: string[]) => hosts.map((host) => `1 sip:${host}:5060 0 0 weight=30\n`).join('');
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk) values ('40', 'carrier1');
      insert into trunks (name, host, registers_on) values ('home', 'carrier.example', 'fs01');
      insert into trunk_routing (prefix, trunk, strip, prepend) values ('41', 'home', 2, '90041')`,
    kamailio: async ({ address }) => ({
      defines: ['WITH_NODE_FIRST'],
      list: list([address(11), address(12), address(13)]),
    }),
  });
  const { dial, carrier1, fs01, fs02 } = lab;
  const named = await openEndpoint(lab.address(13));
  t.after(() => named.close());
  assert.equal((await dial('sip:+40123456@a.example')).status, 200);
  atAnyNode(lab);
  assert.equal(carrier1.invites.length, 0);
  assert.equal((await dial('sip:+41223344@a.example', { by: fs02 })).status, 200);
  const registered = taken(fs01);
  assert.equal(
    uriOf(registered),
    'sip:90041223344@carrier.example:5060',
    'the node that is registered with the carrier',
  );
  assert.equal(headerOf(registered, 'X-Switchfleet-Gateway'), 'home');
  for (const by of [fs01, named]) {
    assert.equal((await dial('sip:+40123456@a.example', { by })).status, 200);
    assert.match(uriOf(taken(carrier1)), /^sip:\+40123456@/);
  }
});

test('an instance that takes the question and never answers is followed by the other', {
  skip,
}, async (t) => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const lab = await openLab(t, {
    kamailio: async ({ connectionString }) => {
      const { url } = await startRoutingProcess(t, connectionString);
      return { routing: [`http://kamailio:secret@127.0.0.1:${port}`, url] };
    },
  });
  const here = lab.kamailio.proxy.split(':')[0];
  const { carrier1: by } = lab;
  assert.equal((await lab.dial(`sip:+4930100@${here}`, { by })).status, 200);
  assert.equal(uriOf(atAnyNode(lab)), 'sip:1001@a.example', 'decided, not fallen back');
  assert.equal((await lab.dial(`sip:+4930999@${here}`, { by })).status, 404);
});

test('an instance that has another password already is followed by the other', { skip }, async (t) => {
  const lab = await openLab(t, {
    kamailio: async ({ connectionString }) => {
      const { url } = await startRoutingProcess(t, connectionString);
      return { routing: [url.replace('secret', 'old'), url] };
    },
  });
  const here = lab.kamailio.proxy.split(':')[0];
  assert.equal((await lab.dial(`sip:+4930999@${here}`, { by: lab.carrier1 })).status, 404, 'decided');
  assert.doesNotMatch(lab.kamailio.log(), /falling back/);
});

test('both instances hang: calls fall back, and do not wait for them', { skip }, async (t) => {
  const silent = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const url = `http://kamailio:secret@127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const lab = await openLab(t, { kamailio: async () => ({ routing: [url, url] }) });
  await lab.dial('sip:1001@a.example');
  const started = performance.now();
  for (let call = 0; call < 20; call += 1) assert.equal((await lab.dial('sip:1001@a.example')).status, 200);
  assert.ok(performance.now() - started < 10_000, `${performance.now() - started} ms for twenty calls`);
});

test('an instance that hangs is left alone for seconds, and asked again', { skip }, async (t) => {
  let asked = 0;
  const silent = createServer((socket) => {
    asked += 1;
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  const lab = await openLab(t, {
    kamailio: async ({ connectionString }) => {
      const { url } = await startRoutingProcess(t, connectionString);
      return { routing: [`http://kamailio:secret@127.0.0.1:${port}`, url] };
    },
  });
  const calls = await Promise.all(Array.from({ length: 16 }, () => lab.dial('sip:1001@a.example')));
  assert.deepEqual([...new Set(calls.map(({ status }) => status))], [200]);
  assert.ok(
    asked <= 3,
    `a process waited ${asked} times for it, so that nobody was left for the answers of nodes`,
  );
  const before = asked;
  await until('it is asked again', async () => {
    assert.equal((await lab.dial('sip:1001@a.example')).status, 200);
    return asked > before;
  });
  assert.doesNotMatch(lab.kamailio.log(), /falling back/);
});

test('a trunk that says nothing is followed by the next within seconds', { skip }, async (t) => {
  const lab = await openLab(t, {
    seed: () =>
      `insert into trunk_routing (prefix, trunk, priority) values ('40', 'carrier1', 2), ('40', 'carrier2', 1)`,
  });
  lab.carrier1.answer(() => undefined);
  const started = performance.now();
  assert.equal((await lab.dial('sip:+40991234@a.example')).status, 200);
  assert.equal(lab.carrier2.invites.length, 1);
  assert.ok(performance.now() - started < 12_000, 'and not after the half minute of a default');
});

test('a number that a hundred trunks with many headers can carry is decided, and tried on ten of them', {
  skip,
}, async (t) => {
  const lab = await openLab(t, {
    seed: (address) => `insert into trunks (name, host, headers) select 'trunk' || number, '${address(51)}',
        (select jsonb_object_agg('X-Header-' || header, repeat('x', 100)) from generate_series(1, 10) header)
      from generate_series(1, 100) number;
      insert into trunk_routing (prefix, trunk) select '40', 'trunk' || number from generate_series(1, 100) number`,
  });
  lab.carrier1.answer(() => ({ status: 503, reason: 'No' }));
  assert.equal((await lab.dial('sip:+40991234@a.example')).status, 500, 'what a proxy makes of a 503');
  assert.equal(lab.carrier1.invites.length, 10);
  assert.equal(headersOf(lab.carrier1.invites[9] as SipMessage, 'X-Header-10').length, 1);
  assert.deepEqual([lab.fs01.invites, lab.fs02.invites], [[], []], 'not the fallback');
  assert.doesNotMatch(lab.kamailio.log(), /ERROR|falling back/);
});

test('calls fall to carriers by weight', { skip }, async (t) => {
  const lab = await openLab(t, {
    seed: () =>
      `insert into trunk_routing (prefix, trunk, weight) values ('40', 'carrier1', 80), ('40', 'carrier2', 20)`,
  });
  const calls = 400;
  for (let batch = 0; batch < calls / 20; batch += 1) {
    await Promise.all(Array.from({ length: 20 }, () => lab.dial('sip:+40991234@a.example')));
  }
  const share = (lab.carrier1.invites.length / calls) * 100;
  assert.equal(lab.carrier1.invites.length + lab.carrier2.invites.length, calls);
  assert.ok(share > 70 && share < 90, `${share} %`);
});

test('nodes that are full, draining or stale get no calls; when all are stale, calls go on', {
  skip,
}, async (t) => {
  const lab = await openLab(t);
  const { fs01, fs02, dial, beat, sql, untilNodes } = lab;
  const calls = async (count = 4) => {
    for (let call = 0; call < count; call += 1) {
      assert.equal((await dial('sip:1001@a.example')).status, 200);
    }
    return [fs01.invites.splice(0).length, fs02.invites.splice(0).length];
  };
  beat('fs01', { sessions: 10_000 });
  assert.deepEqual(await calls(), [0, 4], 'fs01 is full');
  beat('fs01', {});

  await sql(`update nodes set state = 'draining' where switchname = 'fs02'`);
  const isLeftOut = (reason: string) => (decision: NodeAnswer) =>
    decision.left_out.some((left) => left.reason === reason);
  await untilNodes('fs02 drains', isLeftOut('draining'));
  assert.deepEqual(await calls(), [4, 0], 'fs02 drains');
  await sql(`update nodes set state = 'active' where switchname = 'fs02'`);
  await untilNodes('both are back', (decision) => decision.left_out.length === 0);

  beat('fs01', null);
  await untilNodes('fs01 is stale', isLeftOut('stale'));
  assert.deepEqual(await calls(), [0, 4], 'fs01 was not heard');

  beat('fs01', { sessions: 9_000 });
  lab.setBusAway(true);
  await untilNodes('nobody is heard', ({ degraded }) => degraded);
  const [one = 0, two = 0] = await calls();
  assert.equal(one + two, 4, 'nobody is heard: calls go on');
  assert.ok(two > one, 'by the last known load');
});

test('bus away for long, database away: nothing changes', { skip }, async (t) => {
  const lab = await openLab(t);
  lab.setBusAway(true);
  lab.database.cut();
  const here = lab.kamailio.proxy.split(':')[0];
  const deadline = performance.now() + 3 * STALE_MS;
  while (performance.now() < deadline) {
    await sleep(100);
    assert.equal((await lab.dial(`sip:+4930100@${here}`, { by: lab.carrier1 })).status, 200);
    assert.equal((await lab.dial(`sip:+4930999@${here}`, { by: lab.carrier1 })).status, 404);
  }
  lab.database.mend();
  lab.setBusAway(false);
  await lab.sql(
    `insert into did_routing (did, domain, dest_type, destination) values ('+4930999', 'a.example', 'extension', '1001')`,
  );
  await until(
    'the new DID is known',
    async () => (await lab.dial(`sip:+4930999@${here}`, { by: lab.carrier1 })).status === 200,
  );
});

test('one service killed: the other answers; both killed: the list does', { skip }, async (t) => {
  const lab = await openLab(t);
  const here = lab.kamailio.proxy.split(':')[0];
  const inbound = () => lab.dial(`sip:+4930100@${here}`, { by: lab.carrier1 });
  assert.equal((await inbound()).status, 200);
  await lab.services[0].stop();
  assert.equal((await inbound()).status, 200);
  assert.equal(
    (await lab.dial(`sip:+4930999@${here}`, { by: lab.carrier1 })).status,
    404,
    'still a decision',
  );
  lab.fs01.invites.length = 0;
  lab.fs02.invites.length = 0;
  await lab.services[1].stop();
  assert.equal((await inbound()).status, 200);
  const fallen = atAnyNode(lab);
  assert.equal(uriOf(fallen), `sip:+4930100@${here}`, 'as it was dialled');
  assert.equal(headerOf(fallen, 'X-Switchfleet-Trunk'), 'carrier1', 'the carrier is still known');
  lab.fs01.answer(() => ({ status: 503, reason: 'No' }));
  for (let call = 0; call < 3; call += 1)
    assert.equal((await inbound()).status, 200, 'a node that refuses is followed');
});

test('both services killed: a node’s own call goes to the node that registered the user, or nowhere', {
  skip,
}, async (t) => {
  const { services, phone, fs01, fs02, kamailio, dial } = await openLab(t);
  await Promise.all(services.map((service) => service.stop()));
  const options = { proxy: kamailio.proxy, uri: 'sip:a.example', from: 'sip:1002@a.example' };
  assert.equal((await phone.register(options)).status, 200);
  const [registrar, other] = fs01.registers.length > 0 ? [fs01, fs02] : [fs02, fs01];
  for (const time of ['once', 'and again']) {
    assert.equal((await dial('sip:1002@a.example', { by: other })).status, 200, time);
    assert.equal(uriOf(taken(registrar)), 'sip:1002@a.example', time);
  }
  assert.equal(
    (await dial('sip:1002@a.example', { by: registrar })).status,
    503,
    'it asked because it cannot',
  );
  for (const by of [registrar, other]) {
    assert.equal((await dial('sip:+40123456@a.example', { by })).status, 503, 'it would come back');
  }
  assert.deepEqual([registrar.invites, other.invites], [[], []]);
});

test('what a phone or carrier forges does not arrive', { skip }, async (t) => {
  const lab = await openLab(t, {
    seed: () => `insert into trunk_routing (prefix, trunk) values ('40', 'carrier1')`,
  });
  const forged: [string, string][] = [
    ['X-Call-Correlation-ID', 'forged'],
    ['x-call-correlation-id', 'forged'],
    ['X-Switchfleet-Trunk', 'forged'],
    ['X-Switchfleet-Pin', 'forged'],
    ['X-Switchfleet-Dest-Type', 'forged'],
  ];
  await lab.dial('sip:1001@a.example', { headers: forged });
  const atNode = atAnyNode(lab);
  assert.equal(headersOf(atNode, 'X-Call-Correlation-ID').length, 1);
  assert.ok(!JSON.stringify(atNode).includes('forged'), JSON.stringify(atNode));

  await lab.dial('sip:+40123456@a.example', {
    by: lab.fs01,
    headers: [['X-Call-Correlation-ID', 'from-node']],
  });
  assert.deepEqual(
    headersOf(taken(lab.carrier1), 'X-Call-Correlation-ID'),
    ['from-node'],
    'a node’s own id stays',
  );

  lab.carrier1.answer(() => ({ status: 200, reason: 'OK', headers: [['X-Switchfleet-Trunk', 'forged']] }));
  const { final } = await lab.dial('sip:+40123456@a.example', { by: lab.fs01 });
  assert.deepEqual(
    headersOf(final, 'X-Switchfleet-Trunk'),
    ['carrier1'],
    'the answer names the carrier it came from',
  );
});

test('nothing is forged behind a line’s end that FreeSWITCH sees and Kamailio does not', {
  skip,
}, async (t) => {
  const lab = await openLab(t);
  for (const before of ['\r', 'a\r', 'a\r\r', 'a\0\r', 'a\0', 'a\n\r']) {
    const headers: [string, string][] = [['X-Any', `${before}X-Switchfleet-Source: user`]];
    const asked = lab.dial('sip:1001@a.example', { headers, timeoutMs: 1_000 });
    const status = await asked.then(
      (answer) => answer.status,
      () => 0,
    );
    assert.notEqual(status, 200, JSON.stringify(before));
  }
  assert.deepEqual([lab.fs01.invites, lab.fs02.invites], [[], []]);
  const folded: [string, string][] = [['X-Any', 'one\r\n two']];
  assert.equal((await lab.dial('sip:1001@a.example', { headers: folded })).status, 200);

  const { phone, fs01, kamailio } = lab;
  const route = await registeredPath(lab);
  const contact = `sip:${phone.address}:${phone.port}`;
  const call = () => lab.dial(contact, { by: fs01, headers: [['Route', route]], timeoutMs: 1_500 });
  phone.answer(() => ({ status: 200, reason: 'OK', headers: [['X-Any', 'a\rX-Switchfleet-Trunk: forged']] }));
  await assert.rejects(call(), /no final answer/);
  phone.answer(() => ({ status: 200, reason: 'OK', headers: [['X-Any', 'a']] }));
  assert.equal((await call()).status, 200);
  assert.doesNotMatch(kamailio.log(), /falling back/);
});

test('what is dialled is never read as a variable of Kamailio’s', { skip }, async (t) => {
  const lab = await openLab(t);
  for (const user of ['$hdr(X-Any)', '$env(PATH)', '%24%7bx%7d', '$']) {
    assert.equal((await lab.dial(`sip:${user}@a.example`)).status, 200);
    assert.equal(headerOf(atAnyNode(lab), 'X-Switchfleet-Pin'), 'codes@a.example', `${user}: decided`);
  }
  assert.doesNotMatch(lab.kamailio.log(), /ERROR|falling back/);
  const memory = async () => (await lab.kamailio.command('pkg.stats')).match(/(?<=used: )\d+/g)?.map(Number);
  const before = await memory();
  for (let call = 0; call < 50; call += 1) await lab.dial(`sip:$hdr(X-${call})@a.example`);
  const kept = (await memory())?.reduce((sum, used, process) => sum + used - (before?.[process] ?? 0), 0);
  assert(kept !== undefined && kept < 5_000, `each name is remembered: ${kept} bytes`);
});

test('what is dialled with escapes reaches a node with them, and is decided', { skip }, async (t) => {
  const lab = await openLab(t);
  for (const user of ['foo%20bar', 'a%3Eb', '%22a%22', 'caf%C3%A9', 'a%00b', 'a%3Bb=1', 'a%40b']) {
    assert.equal((await lab.dial(`sip:${user}@a.example`)).status, 200, user);
    assert.equal(uriOf(atAnyNode(lab)), `sip:${user}@a.example`);
  }
  const lines = 'sip:a%0D%0AX-Switchfleet-Source%3A%20user@a.example';
  assert.equal((await lab.dial(lines)).status, 200);
  const invite = atAnyNode(lab);
  assert.deepEqual([uriOf(invite), headerOf(invite, 'X-Switchfleet-Source')], [lines, undefined]);
  assert.doesNotMatch(lab.kamailio.log(), /ERROR|falling back/);
});
