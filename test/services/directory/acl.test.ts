import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_FOUND } from '../../../libs/freeswitch/xml/not-found.ts';
import { directoryModelOf, domainRow, nodeRow, userRow } from '../../support/directory/lab-model.ts';
import { ask, formOf } from '../../support/directory/lookup-body.ts';
import { at, parseXml } from '../../support/directory/parsed-xml.ts';
import { surroundingsOf } from '../../support/directory/surroundings.ts';

function configuration(file: string): string {
  return formOf(
    [
      ['hostname', 'fs01'],
      ['section', 'configuration'],
      ['tag_name', 'configuration'],
      ['key_name', 'name'],
      ['key_value', file],
    ],
    [],
  );
}

const MODEL = directoryModelOf({
  domains: [domainRow('lab.test'), domainRow('gone.test', { enabled: false })],
  users: [
    userRow('1001', 'lab.test', { allowed_cidrs: ['198.51.100.0/24'] }),
    userRow('1001', 'gone.test', { allowed_cidrs: ['198.51.100.0/24'] }),
  ],
  nodes: [
    nodeRow('fs01', '192.0.2.11'),
    nodeRow('fs02', 'fs02.example', { esl_host: '2001:db8::2' }),
    nodeRow('fs03', 'fs03.example', { esl_address: '192.0.2.13' }),
    nodeRow('fs04', 'fs04.example'),
  ],
  proxies: [{ domain: null, key: 'edge', address: '192.0.2.5/32', sip_port: 5060 }],
});

test('acl.conf lists nodes (named ones by the address they were reached at), proxies, and the domains whose users have addresses', () => {
  const root = parseXml(ask(configuration('acl.conf'), surroundingsOf(MODEL)).xml);
  const lists = at(root, 'section/configuration/network-lists/list').map(({ attributes, children }) => [
    attributes['name'],
    attributes['default'],
    children.map((node) => node.attributes),
  ]);
  assert.deepEqual(lists, [
    [
      'nodes',
      'deny',
      [
        { type: 'allow', cidr: '192.0.2.11/32' },
        { type: 'allow', cidr: '192.0.2.13/32' },
        { type: 'allow', cidr: '2001:db8::2/128' },
      ],
    ],
    ['kamailio', 'deny', [{ type: 'allow', cidr: '192.0.2.5/32' }]],
    ['domains', 'deny', [{ type: 'allow', domain: 'lab.test' }]],
  ]);
});

test('other files, and the lists of a fleet that nobody described, are left to FreeSWITCH', () => {
  assert.equal(ask(configuration('sofia.conf'), surroundingsOf(MODEL)).xml, NOT_FOUND);
  assert.equal(ask(configuration('acl.conf'), surroundingsOf(directoryModelOf({}))).xml, NOT_FOUND);
});
