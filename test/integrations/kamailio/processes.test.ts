import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { openLab } from '../../support/kamailio/lab.ts';
import { type RoutingProcess, startRoutingProcess } from '../../support/kamailio/routing-process.ts';
import { uriOf } from '../../support/kamailio/sip-message.ts';

test('a routing process that is killed is followed by the other; both killed, by the list', {
  skip: skipWithoutKamailio(),
}, async (t) => {
  const processes: RoutingProcess[] = [];
  const lab = await openLab(t, {
    kamailio: async ({ connectionString }) => {
      const one = await startRoutingProcess(t, connectionString);
      const two = await startRoutingProcess(t, connectionString);
      processes.push(one, two);
      return { routing: [one.url, two.url] };
    },
  });
  const here = lab.kamailio.proxy.split(':')[0];
  const dial = async (number: string) =>
    (await lab.dial(`sip:${number}@${here}`, { by: lab.carrier1 })).status;
  const arrived = () => [...lab.fs01.invites.splice(0), ...lab.fs02.invites.splice(0)].map(uriOf).sort();

  assert.deepEqual([await dial('+4930100'), await dial('+4930999')], [200, 404]);
  assert.deepEqual(arrived(), ['sip:1001@a.example']);
  await processes[0]?.child.stop('SIGKILL');
  assert.deepEqual([await dial('+4930100'), await dial('+4930999')], [200, 404], 'decided by the other');
  assert.deepEqual(arrived(), ['sip:1001@a.example']);
  await processes[1]?.child.stop('SIGKILL');
  assert.deepEqual([await dial('+4930100'), await dial('+4930999')], [200, 200], 'nobody can know any more');
  assert.deepEqual(arrived(), [`sip:+4930100@${here}`, `sip:+4930999@${here}`], 'as it was dialled');
});
