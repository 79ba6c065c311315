import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { callIdOf } from '../../../libs/calls/call-id.ts';
import type { testApi } from './api.ts';

type Api = Pick<Awaited<ReturnType<typeof testApi>>, 'ask' | 'pool' | 'token'>;

/** Values of the parameters of paths, by the beginning of the path; those of a tenant's own things. */
export interface World {
  tenant: string;
  domain: string;
  paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Now, so that whatever looks at the last hours sees it. */
const now = () => Math.floor(Date.now() / 1_000) * 1_000_000;

/** A tenant with one thing of every kind, each with the tenant's name in it, and a call. */
export async function makeWorld({ ask, pool, token }: Api, tenant: string, digit: number): Promise<World> {
  const domain = `${tenant}.test`;
  const did = `+44207183875${digit}`;
  const post = async (path: string, body: unknown) => {
    const made = await ask('POST', `/v1/${path}`, { body });
    assert.equal(made.status, 201, `${path}: ${made.text}`);
    return made.body;
  };
  await post('tenants', { name: tenant, description: `the tenant ${tenant}` });
  await post('domains', { name: domain, tenant, context: `${tenant}-context` });
  await post('users', { domain, user_id: '1001', password: `${tenant}-secret`, caller_id_name: tenant });
  await post('groups', { domain, name: `${tenant}-sales`, members: ['1001'] });
  await post('dids', { did, domain, dest_type: 'extension', destination: '1001', description: tenant });
  await post('trunks', { name: `${tenant}-trunk`, tenant, host: `sip.${domain}` });
  const route = await post('trunk-routes', { prefix: `44${digit}`, domain, trunk: `${tenant}-trunk` });
  await token('operator', tenant);
  const { rows } = await pool.query(`select name from api_tokens where tenant = $1`, [tenant]);
  const call = await storeCall(pool, { tenant, domain, did });
  return {
    tenant,
    domain,
    paths: {
      '/v1/calls': { id: call, recording: '0'.repeat(24) },
      '/v1/legs': { id: `${tenant}-leg`, uuid: `${tenant}-leg` },
      '/v1/cdrs': { uuid: `${tenant}-leg` },
      '/v1/recordings': { id: call, call, uuid: `${tenant}-leg`, name: `${tenant}.wav`, index: 0 },
      '/v1/tenants': { name: tenant },
      '/v1/domains': { name: domain },
      '/v1/users': { domain, user_id: '1001' },
      '/v1/groups': { domain, name: `${tenant}-sales` },
      '/v1/dids': { did, priority: 0 },
      '/v1/trunks': { name: `${tenant}-trunk` },
      '/v1/trunk-routes': { id: route['id'] },
      '/v1/tokens': { name: rows[0].name },
    },
  };
}

/** What the whole fleet has one of. */
export async function makeFleet({ ask, pool }: Api): Promise<World['paths']> {
  const post = async (path: string, body: unknown) => {
    const made = await ask('POST', `/v1/${path}`, { body });
    assert.equal(made.status, 201, `${path}: ${made.text}`);
  };
  await post('nodes', {
    switchname: 'fs01',
    esl_host: '127.0.0.11',
    esl_password: 'fleet-secret',
    sip_uri: 'sip:127.0.0.11:5060',
  });
  await post('proxies', { name: 'edge1', address: '127.0.0.5' });
  await post('dispatch-sets', { set_id: 1, name: 'all', members: [{ node: 'fs01' }] });
  await post('caller-regions', { caller: '203.0.113.0/24', region: 'eu' });
  await post('region-fallbacks', { region: 'eu', fallback: 'us' });
  await pool.query(
    `insert into discovered_nodes (switchname, address, seen_by, reason) values ('fs09', '127.0.0.19', 'cdr', 'enrolment')`,
  );
  const { rows } = await pool.query(
    `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
     values ('cdr-malformed', 'cut', '/cdr', now(), now(), sha256('x'), 'x') returning id::text`,
  );
  return {
    '/v1/nodes': { switchname: 'fs01' },
    '/v1/proxies': { name: 'edge1' },
    '/v1/dispatch-sets': { set_id: 1 },
    '/v1/caller-regions': { caller: '203.0.113.0/24' },
    '/v1/region-fallbacks': { region: 'eu', fallback: 'us' },
    '/v1/cdr-rejects': { id: rows[0].id },
  };
}

async function storeCall(
  pool: Pool,
  { tenant, domain, did }: { tenant: string; domain: string; did: string },
): Promise<string> {
  const startUs = now();
  const uuid = `${tenant}-leg`;
  const id = callIdOf({ start_us: startUs, uuid });
  const at = `'epoch'::timestamptz + $2 * interval '1 microsecond'`;
  await pool.query(
    `insert into calls (id, start_at, root_id, state, tenant, tenants, domain, caller, callee, did, trunk, nodes, legs, answer_at,
       end_at, billsec, duration, disposition, hangup_cause, recording_paths, digest)
     values ($1, ${at}, $1, 'finished', $3, array[$3], $4, $5, $6, $6, $7, '{fs01}', array[$8], ${at} + interval '1 second',
       ${at} + interval '3.5 seconds', 2.5, 3.5, 'answered', 'NORMAL_CLEARING', array[$9], '')`,
    [
      id,
      startUs,
      tenant,
      domain,
      `${tenant}-caller`,
      did,
      `${tenant}-trunk`,
      uuid,
      `/recordings/${tenant}.wav`,
    ],
  );
  await pool.query(
    `insert into legs (uuid, start_at, call_id, node, direction, state, tenant, domain, trunk, caller_id_name, sip_call_id, hangup_cause, recording_paths)
     values ($1, ${at}, $3, 'fs01', 'inbound', 'ended', $4, $5, $6, $7, $8, 'NORMAL_CLEARING', array[$9])`,
    [
      uuid,
      startUs,
      id,
      tenant,
      domain,
      `${tenant}-trunk`,
      `${tenant}-caller`,
      `${tenant}-call-id`,
      `/recordings/${tenant}.wav`,
    ],
  );
  const body = Buffer.from(`<cdr><variables><uuid>${uuid}</uuid></variables></cdr>`);
  await pool.query(
    `insert into cdr_documents (uuid, start_at, format, switch_name, end_at, received_at, body_sha256, body_size, compression, body)
     values ($1, ${at}, 'xml', 'fs01', ${at}, now(), $3, $4, 'none', $5)`,
    [uuid, startUs, createHash('sha256').update(body).digest(), body.length, body],
  );
  return id;
}
