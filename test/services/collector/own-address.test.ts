import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownAddress } from '../../../services/collector/own-address.ts';

/** A node that says this of itself. */
function nodeOf(own: Readonly<Record<string, string>>) {
  return async (command: string) => own[command.replace('global_getvar ', '')] ?? '-ERR no reply\n';
}

const DUAL = nodeOf({ local_ip_v4: '192.0.2.14\n', local_ip_v6: '2001:db8::e' });

test('an address is a node’s when the node says so, however it is written', async () => {
  assert.equal(await ownAddress(DUAL, '192.0.2.14'), '192.0.2.14');
  assert.equal(await ownAddress(DUAL, '::ffff:192.0.2.14'), '192.0.2.14');
  assert.equal(await ownAddress(DUAL, '2001:db8:0::0e'), '2001:db8:0::0e');
});

test('where a tunnel, a NAT or a gateway answers for a node, its address is nobody’s', async () => {
  for (const reached of ['172.17.0.1', '192.0.2.140', '2001:db8::ee', undefined, '', 'fs01.example'])
    assert.equal(await ownAddress(DUAL, reached), null, reached);
  assert.equal(await ownAddress(nodeOf({}), '192.0.2.14'), null, 'a node that does not know');
  for (const shared of [
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '169.254.1.1',
    '239.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fe80::1%eth0',
  ]) {
    const own = { local_ip_v4: shared, local_ip_v6: shared };
    assert.equal(await ownAddress(nodeOf(own), shared), null, shared);
  }
});
