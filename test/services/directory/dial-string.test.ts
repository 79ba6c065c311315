import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noEvidence } from '../../../libs/calls/evidence.ts';
import { foldLeg } from '../../../libs/calls/fold-leg.ts';
import type { Surroundings } from '../../../services/directory/surroundings.ts';
import {
  directoryModelOf,
  domainRow,
  nodeRow,
  registrationRow,
  userRow,
} from '../../support/directory/lab-model.ts';
import { ask, directoryForm, type Fields, userFields } from '../../support/directory/lookup-body.ts';
import { at, type ParsedElement, pairsOf, parseXml } from '../../support/directory/parsed-xml.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';

const LOCAL = `{^^:sip_invite_domain=lab.test:presence_id=1001@lab.test:dialed_user=1001:dialed_domain=lab.test}\${sofia_contact(*/1001@lab.test)}`;
const PREFIX =
  '{^^:sip_invite_domain=lab.test:presence_id=1001@lab.test:dialed_user=1001:dialed_domain=lab.test}';

interface Case {
  nodes?: string[];
  asker?: string;
  via?: Surroundings['forwardVia'];
  fields?: Fields;
}

function dial({ nodes = [], asker = 'fs01', via = 'node', fields = [] }: Case): string | undefined {
  const model = directoryModelOf({
    domains: [domainRow('lab.test')],
    users: [userRow('1001', 'lab.test')],
    nodes: [
      nodeRow('fs01', '192.0.2.11', { sip_profile: 'kamailio' }),
      nodeRow('fs02', '192.0.2.12', { sip_uri: 'sip:192.0.2.12:5060;transport=tcp' }),
      nodeRow('fs03', '192.0.2.13', { sip_uri: null }),
    ],
    proxies: [
      { domain: null, key: 'net', address: '192.0.2.0/24', sip_port: 5060 },
      { domain: null, key: 'pair', address: '192.0.2.5/32', sip_port: 5062 },
    ],
    registrations: nodes.map((node, index) => registrationRow('1001', 'lab.test', node, index + 1)),
  });
  const question: Fields = [['action', 'user_call'], ...fields, ...userFields('1001', 'lab.test')];
  const { xml } = ask(directoryForm('lab.test', question, asker), surroundingsOf(model, { forwardVia: via }));
  const [entry] = at(parseXml(xml), 'section/domain/groups/group/users/user');
  return pairsOf(at(entry as ParsedElement, 'params/param'))['dial-string'];
}

test('a user who is registered here, or nowhere, is called here', () => {
  assert.equal(dial({}), LOCAL);
  assert.equal(dial({ nodes: ['fs01'] }), LOCAL);
  assert.equal(dial({ nodes: ['FS01'] }), LOCAL);
  assert.equal(dial({ nodes: ['fs02', 'fs01'] }), LOCAL);
});

test('whose phone a leg rings stands on the leg: without it reports take him for somebody outside', () => {
  const list = /^\{\^\^:([^}]*)\}/.exec(dial({ nodes: ['fs02'] }) ?? '')?.[1] ?? '';
  const values = Object.fromEntries(list.split(':').map((pair) => pair.split('=')));
  const nothing = noEvidence({ uuid: 'leg', start_us: 1, node: 'fs01', core_uuid: null });
  const latest = [{ at_us: 1, sequence: 1, core_uuid: 'core', values }];
  const leg = foldLeg({ ...nothing, latest }, { fate: undefined, nowUs: 1, nodeLostMs: 0 });
  assert.deepEqual([leg.user, values['dialed_domain']], ['1001', 'lab.test']);
});

test('a user who is registered on another node is called by that node, never by its contact', () => {
  const forwarded =
    '[^^:sip_h_X-Switchfleet-Forwarded=1001@lab.test]sofia/kamailio/1001@lab.test' +
    ';fs_path=sip%3A192.0.2.12%3A5060%3Btransport%3Dtcp';
  assert.equal(dial({ nodes: ['fs02'] }), PREFIX + forwarded);
  assert.equal(dial({ nodes: ['fs02', 'fs03'] }), PREFIX + forwarded, 'fs03 has no SIP address');
});

test('or by the proxy, where the fleet is set up so', () => {
  const path = 'sofia/kamailio/1001@lab.test;fs_path=sip%3A192.0.2.5%3A5062';
  const expected = `${PREFIX}[^^:sip_h_X-Switchfleet-Forwarded=1001@lab.test]${path}`;
  assert.equal(dial({ nodes: ['fs02'], via: 'proxy' }), expected);
});

test('a node whose address nobody stored leaves the call here', () => {
  assert.equal(dial({ nodes: ['fs03'] }), LOCAL);
  assert.equal(dial({ nodes: ['unknown'] }), LOCAL);
});

test('a registration that is long gone costs one hop and never a loop', () => {
  // fs01 believes fs02, fs02 is asked and looks at home only, whoever else is said to have the phone.
  assert.notEqual(dial({ nodes: ['fs02', 'fs03'], asker: 'fs01' }), LOCAL);
  assert.equal(dial({ nodes: ['fs02', 'fs03'], asker: 'fs02' }), LOCAL);
});

test('a call that was forwarded for this user goes nowhere else, even where the directories disagree', () => {
  const fields: Fields = [['variable_sip_h_X-Switchfleet-Forwarded', '1001@lab.test']];
  assert.equal(dial({ nodes: ['fs01'], asker: 'fs02', fields }), LOCAL);
  const other: Fields = [['variable_sip_h_X-Switchfleet-Forwarded', '1002@lab.test']];
  assert.notEqual(dial({ nodes: ['fs02'], asker: 'fs01', fields: other }), LOCAL);
});
