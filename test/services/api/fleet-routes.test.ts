import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { removeNode } from '../../../libs/provisioning/fleet-control.ts';
import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createApiApp } from '../../../services/api/api-app.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

test('nodes are drained, taken back, disabled and removed, by who has the token', async (t) => {
  const { connectionString } = await testDatabase(t);
  const pool = new pg.Pool({ connectionString, max: 3 });
  const app = createApiApp({
    token: 'secret',
    pool,
    box: createSecretBox('11'.repeat(32)),
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'api', level: 'silent' }),
    metrics: createMetrics('api'),
  });
  t.after(async () => {
    await app.close();
    await pool.end();
  });
  await pool.query(
    `insert into nodes (switchname, esl_host, esl_password_encrypted, sip_uri) values ('fs01', '127.0.0.1', 'x', 'sip:127.0.0.1:5060')`,
  );
  await pool.query(
    `insert into proxies (name, address, rpc_url) values ('kam', '127.0.0.1', 'http://name:word@127.0.0.1:1/RPC')`,
  );
  const ask = async (method: 'POST' | 'DELETE', url: string, token = 'secret', payload?: object) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: response.statusCode, text: response.body };
  };
  const state = async () => (await pool.query('select state from nodes')).rows[0]?.state;

  assert.equal((await ask('POST', '/v1/nodes/fs01/drain', 'wrong')).status, 401);
  assert.equal(await state(), 'active');
  const drained = await ask('POST', '/v1/nodes/fs01/drain?pause=true');
  assert.equal(drained.status, 200);
  assert.ok(!drained.text.includes('word'), 'no password of a URL');
  assert.equal(JSON.parse(drained.text).kamailios[0].host, '127.0.0.1:1');
  assert.equal(await state(), 'draining');
  assert.equal((await pool.query('select command from node_commands')).rows[0]?.command, 'pause-inbound');
  assert.equal(JSON.parse((await ask('POST', '/v1/nodes/fs01/undrain')).text).before, 'draining');
  assert.equal((await ask('POST', '/v1/nodes/fs01/disable')).status, 200);
  assert.equal(await state(), 'disabled');
  await pool.query(`insert into trunks (name, host, registers_on) values ('carrier', '192.0.2.1', 'fs01')`);
  await assert.rejects(removeNode(pool, 'fs01'), { code: 'in-use' });
  const used = await ask('DELETE', '/v1/nodes/fs01');
  assert.equal(used.status, 409);
  assert.match(used.text, /still has trunks that register there/);
  await pool.query(`update trunks set registers_on = null`);
  await pool.query(`insert into tenants (name) values ('alpha')`);
  await pool.query(`insert into domains (name, tenant, node) values ('alpha.test', 'alpha', 'fs01')`);
  assert.match((await ask('DELETE', '/v1/nodes/fs01')).text, /still has domains that it alone serves/);
  assert.equal((await pool.query('select node from domains')).rows[0]?.node, 'fs01');
  await pool.query(`update domains set node = null`);
  assert.equal((await ask('DELETE', '/v1/nodes/fs01')).status, 204);
  assert.equal((await ask('DELETE', '/v1/nodes/fs01')).status, 404);
  assert.equal((await ask('POST', '/v1/nodes/fs01/drain')).status, 404);

  // one that the collector saw, at the event socket's own address
  await pool.query(
    `insert into discovered_nodes (switchname, address, seen_by, reason) values ('fs07', '127.0.0.1:40001', 'collector', 'seen')`,
  );
  const taken = await ask('POST', '/v1/nodes/fs07/adopt', 'secret', { esl_password: 'word' });
  assert.equal(taken.status, 201);
  const { esl_host, esl_port, sip_uri } = JSON.parse(taken.text);
  assert.deepEqual([esl_host, esl_port, sip_uri], ['127.0.0.1', 40_001, 'sip:127.0.0.1:5060']);
});
