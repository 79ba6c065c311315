import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { openLab } from '../../support/kamailio/lab.ts';
import { openPlainPeer } from '../../support/kamailio/plain-peer.ts';
import { until } from '../../support/until.ts';

const skip = skipWithoutKamailio();

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
