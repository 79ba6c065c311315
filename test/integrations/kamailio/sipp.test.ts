import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { skipWithoutKamailio } from '../../support/kamailio/kamailio.ts';
import { openLab } from '../../support/kamailio/lab.ts';
import { startSipp } from '../../support/kamailio/sipp.ts';

const skip = skipWithoutKamailio();
const scenario = (name: string) =>
  fileURLToPath(new URL(`../../support/kamailio/${name}.xml`, import.meta.url));
const [SCENARIO, ANSWERER] = [scenario('uac'), scenario('uas')];
const PACE = ['-m', '100', '-r', '50', '-d', '50', '-timeout', '30s', '-timeout_error'];

/** INVITE, 180, 200, ACK, a pause, BYE: all of it through Kamailio. */
test('whole calls of sipp pass: to a user’s and a DID’s node, and out by a trunk', { skip }, async (t) => {
  const lab = await openLab(t, {
    seed: (address) => `
      insert into trunks (name, host, port) values ('far', '${address(61)}', 5080);
      insert into trunk_routing (prefix, trunk) values ('40', 'far');
      insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri)
        values ('fs09', '${address(62)}', 'x', 'sip:${address(62)}:5080');
      insert into dispatch_sets (set_id, name) values (2, 'sipp');
      insert into dispatch_members (set_id, node) values (2, 'fs09');
      update domains set dispatch_set = 2`,
  });
  lab.beat('fs09', { max_sessions: 10_000, max_sessions_per_second: 10_000 });
  for (const host of [61, 62]) {
    const answerer = await startSipp({ address: lab.address(host), port: 5080, args: ['-sf', ANSWERER] });
    t.after(() => answerer.stop());
  }
  const calls: [service: string, domain: string, host: number][] = [
    ['1001', 'a.example', 41],
    ['+40123456', 'a.example', 42],
    ['+4930200', lab.address(20), 43],
  ];
  for (const [service, domain, host] of calls) {
    const args = ['-sf', SCENARIO, '-s', service, '-key', 'domain', domain, ...PACE, lab.kamailio.proxy];
    const caller = await startSipp({ address: lab.address(host), args });
    t.after(() => caller.stop());
    const { code, output } = await caller.ended;
    assert.equal(code, 0, `${service}: ${output.slice(-2_000)}`);
  }
});
