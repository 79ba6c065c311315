import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRoutingState } from '../../../libs/provisioning/routing-state.ts';
import type { CallQuestion } from '../../../libs/routing/call-decision.ts';
import { explainCall } from '../../../libs/routing/explain.ts';
import { createRoutingModel } from '../../../libs/routing/routing-model.ts';
import { loadFromDatabase } from '../../../libs/snapshot/load.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const ROWS = `
  insert into tenants (name) values ('one'), ('two');
  insert into domains (name, tenant, country, area_code) values
    ('a.example', 'one', 'DE', '30'), ('a2.example', 'one', 'DE', '89'), ('b.example', 'two', 'GB', '020');
  insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri) values
    ('fs01', '192.0.2.11', 'x', 'sip:192.0.2.11:5060'), ('fs02', '192.0.2.12', 'x', 'sip:192.0.2.12:5060');
  insert into users (domain, user_id, number_alias, ha1, ha1b) values
    ('a.example', '1001', '7001', md5(''), md5('')), ('a.example', 'Anna', null, md5(''), md5('')),
    ('b.example', '1001', null, md5(''), md5(''));
  insert into registrations (domain, user_id, node, contact, registered_at) values ('a.example', '1001', 'fs02', 'sip:x', now());
  insert into trunks (name, host, tenant) values ('world', '192.0.2.50', null), ('theirs', '192.0.2.50', 'two');
  insert into trunk_routing (prefix, domain, trunk, priority) values
    ('', null, 'world', 0), ('49', null, 'world', 1), ('4940', 'a.example', 'world', 2), ('44', 'b.example', 'theirs', 1);
  insert into did_routing (did, domain, dest_type, destination, priority, fail_forward) values
    ('+4930100', 'a.example', 'extension', '7001', 1, '+4940777'), ('+4930100', 'a.example', 'voicemail', '1001', 0, null),
    ('+4930200', 'b.example', 'external', '02071838750', 0, null), ('+4930300', 'a.example', 'conference', '3000', 0, null),
    ('+4930301', 'a.example', 'queue', '3000', 0, null), ('+4930400', 'a2.example', 'extension', 'anna', 0, null);`;

const TO = [
  '1001',
  '7001',
  'sip:ANNA@a.example',
  '3000',
  '*97',
  '+4930100',
  '030100',
  '+4930200',
  '+4930400',
  '0040211',
  '110',
];
const DOMAINS = ['a.example', 'B.example', '192.0.2.1', undefined];
const SOURCES = ['192.0.2.50:5060', '192.0.2.11:5060', undefined];

function* questions(): Generator<CallQuestion> {
  for (const to of TO) {
    for (const domain of DOMAINS) {
      for (const src of SOURCES) {
        const attempted = new Set<string>();
        yield { to, from: 'sip:1001@a2.example', domain, src, callId: 'c@1', attempted, nodeFirst: false };
      }
    }
  }
}

test('the few rows that one question reads decide and explain it as all rows do', async (t) => {
  const { connectionString: _url, database } = await testDatabase(t);
  const pool = database.write;
  await pool.query(ROWS);
  const { model: whole } = await loadFromDatabase(pool, createRoutingModel());
  const results = new Set<string>();
  for (const question of questions()) {
    const state = await readRoutingState(pool, { question, nowUs: 1_700_000_000_000_000 });
    const told = explainCall(state, question);
    assert.deepEqual(told, explainCall({ ...state, model: whole }, question), JSON.stringify(question));
    results.add(`${told.decision.kind} ${told.decision.result}`);
  }
  assert.ok(results.size >= 6, [...results].join(', '));
});

test('a question about one of many DIDs reads few of them', async (t) => {
  const { database } = await testDatabase(t);
  const pool = database.write;
  await pool.query(`${ROWS} insert into did_routing (did, domain, dest_type, destination)
    select '+4989' || number, 'a.example', 'conference', '3000' from generate_series(100000, 105000) as numbers (number)`);
  const question = {
    to: '3000',
    from: '',
    domain: 'a.example',
    src: undefined,
    callId: 'c',
    attempted: new Set<string>(),
    nodeFirst: false,
  };
  const { model } = await readRoutingState(pool, { question, nowUs: 1_700_000_000_000_000 });
  assert.ok(model.dids.size < 10, `${model.dids.size}`);
  assert.equal(model.dids.roomType('a.example', '3000'), 'conference');
});
