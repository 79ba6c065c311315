import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { type Lab, openLab } from '../../support/kamailio/lab.ts';
import { openPlainPeer, type PlainPeer, targetOf } from '../../support/kamailio/plain-peer.ts';
import { headerOf, headersOf, type SipMessage } from '../../support/kamailio/sip-message.ts';

const skip = skipWithoutKamailio();

/** Nobody can send anything there; the packets come from `address(41):40001`. */
const PRIVATE = '10.0.0.5:5060';

async function openNatPhone(t: TestContext, lab: Lab): Promise<PlainPeer> {
  const phone = await openPlainPeer(lab.address(41), 40_001, PRIVATE);
  t.after(() => phone.close());
  return phone;
}

/** Another port of a node, which is that node to Kamailio. */
async function openNode(t: TestContext, lab: Lab): Promise<PlainPeer> {
  const node = await openPlainPeer(lab.address(11), 5080);
  t.after(() => node.close());
  return node;
}

/** The phone registers; what its node then sends it: the stored Contact, by the stored path. */
async function registered(lab: Lab, phone: PlainPeer): Promise<{ uri: string; route: [string, string] }> {
  const by = lab.kamailio.proxy;
  await phone.ask({ method: 'REGISTER', uri: 'sip:a.example', to: '<sip:1002@a.example>', by });
  const register = [...lab.fs01.registers, ...lab.fs02.registers].at(-1) as SipMessage;
  return { uri: targetOf(register), route: ['Route', headerOf(register, 'path') ?? ''] };
}

test('a node’s call to a phone behind NAT is acknowledged and ended there; its answer names no trunk', {
  skip,
}, async (t) => {
  const lab = await openLab(t);
  const { proxy: by } = lab.kamailio;
  const [phone, node] = [await openNatPhone(t, lab), await openNode(t, lab)];
  const { uri, route } = await registered(lab, phone);
  phone.answer(() => ({ status: 200, headers: [['X-Switchfleet-Trunk', 'forged']] }));
  const answered = await node.ask({ method: 'INVITE', uri, by, headers: [route] });
  assert.equal(headerOf(answered, 'X-Switchfleet-Trunk'), undefined);
  const within = answered;
  await node.tell({ method: 'ACK', uri: targetOf(answered), by, within });
  await phone.got('ACK');
  const ended = await node.ask({ method: 'BYE', uri: targetOf(answered), by, within });
  assert.match(ended.first, / 200 /);
  await phone.got('BYE');
});

test('the same where Kamailio keeps the registrations; a node’s message arrives, too', {
  skip,
}, async (t) => {
  const lab = await openLab(t, { kamailio: async () => ({ defines: ['WITH_USRLOC'] }) });
  const { proxy: by } = lab.kamailio;
  const [phone, node] = [await openNatPhone(t, lab), await openNode(t, lab)];
  await phone.ask({ method: 'REGISTER', uri: 'sip:a.example', to: '<sip:1002@a.example>', by });
  const uri = 'sip:1002@a.example';
  const answered = await node.ask({ method: 'INVITE', uri, by });
  const ended = await node.ask({ method: 'BYE', uri: targetOf(answered), by, within: answered });
  assert.match(ended.first, / 200 /);
  assert.match((await node.ask({ method: 'MESSAGE', uri, by })).first, / 200 /);
  assert.match((await node.ask({ method: 'MESSAGE', uri: 'sip:1001@a.example', by })).first, / 404 /);
});

test('a phone behind NAT that holds a call, or is asked to, is still found by its node', {
  skip,
}, async (t) => {
  const lab = await openLab(t);
  const { proxy: by } = lab.kamailio;
  const [phone, node] = [await openNatPhone(t, lab), await openNode(t, lab)];
  const call = await phone.ask({ method: 'INVITE', uri: 'sip:1001@a.example', by });
  const alias = `;alias=${lab.address(41)}~40001~1`;
  await phone.ask({ method: 'INVITE', uri: targetOf(call), by, within: call });
  const contacts = [...lab.fs01.invites, ...lab.fs02.invites].map((invite) => headersOf(invite, 'contact'));
  assert.deepEqual(contacts, [[`<sip:${PRIVATE}${alias}>`], [`<sip:${PRIVATE}${alias}>`]]);

  const { uri, route } = await registered(lab, phone);
  const within = await node.ask({ method: 'INVITE', uri, by, headers: [route] });
  const held = await node.ask({ method: 'INVITE', uri: targetOf(within), by, within });
  assert.deepEqual(headersOf(held, 'contact'), [`<sip:${PRIVATE}${alias}>`]);
});

test('where Kamailio keeps the registrations, it keeps the way to phones behind NAT, and no phone for ever', {
  skip,
}, async (t) => {
  const lab = await openLab(t, { kamailio: async () => ({ defines: ['WITH_USRLOC'], natPing: 1 }) });
  const { proxy: by } = lab.kamailio;
  const [phone, open] = [await openNatPhone(t, lab), await openPlainPeer(lab.address(42))];
  t.after(() => open.close());
  const register = { method: 'REGISTER', uri: 'sip:a.example', by };
  for (const seconds of [4_294_967_295, 99_999_999, 60]) {
    const headers: [string, string][] = [['Contact', `<sip:${PRIVATE}>;expires=${seconds}`]];
    const kept = await phone.ask({ ...register, to: '<sip:1002@a.example>', headers });
    assert.match(headerOf(kept, 'contact') ?? '', new RegExp(`;expires=${Math.min(seconds, 3600)};`));
  }
  await open.ask({ ...register, to: '<sip:1001@a.example>' });
  assert.match((await phone.got('OPTIONS')).first, new RegExp(`sip:${PRIVATE}`));
  assert.deepEqual(open.requests, [], 'who is not behind NAT is left alone');
});
