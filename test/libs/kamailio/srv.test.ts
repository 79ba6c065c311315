import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dispatcherList } from '../../../libs/kamailio/dispatcher.ts';
import { srvLines } from '../../../libs/kamailio/srv.ts';

test('SRV names hosts, the highest priority of ours is the lowest of DNS', () => {
  const nodes = [
    { switchname: 'fs01', sipUri: 'sip:192.0.2.11:5070', priority: 5, weight: 50 },
    { switchname: 'FS_02', sipUri: 'sip:[2001:db8::2];transport=tcp', priority: 1, weight: 20 },
    { switchname: 'fs03', sipUri: 'sips:fs03.example.net', priority: 5, weight: 0 },
  ];
  assert.equal(
    srvLines({ domain: 'a.example', ttlSeconds: 60, nodes }),
    `_sip._udp.a.example. 60 IN SRV 0 50 5070 fs01.a.example.
_sip._tcp.a.example. 60 IN SRV 4 20 5060 fs-02.a.example.
_sips._tcp.a.example. 60 IN SRV 0 0 5061 fs03.example.net.
fs01.a.example. 60 IN A 192.0.2.11
fs-02.a.example. 60 IN AAAA 2001:db8::2
`,
  );
});

test('the list file has a line a destination', () => {
  const row = {
    setid: 1,
    destination: 'sip:192.0.2.11:5060',
    flags: 4,
    priority: 2,
    attrs: null,
    description: 'fs01',
  };
  assert.equal(
    dispatcherList([row, { ...row, setid: 2, flags: 0, attrs: 'weight=50' }]),
    `# setid destination flags priority attributes
1 sip:192.0.2.11:5060 4 2  # fs01
2 sip:192.0.2.11:5060 0 2 weight=50 # fs01
`,
  );
});
