import Fastify from 'fastify';
import pg from 'pg';

/**
 * The decision that routing makes, as SQL on every request: the queries that somebody writes who keeps no memory, each on
 * an index, prefixes looked up by equality. 200 with the same answer in its essence: where the call goes.
 */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
const app = Fastify();

interface Asked {
  to: string;
  domain: string;
  src: string;
}

app.get<{ Querystring: Asked }>('/kamailio/route', async ({ query }) => {
  const { to, domain, src } = query;
  await pool.query('select name from trunks where host = $1 and enabled', [src.split(':')[0]]);
  const asked = await one('select name, tenant, enabled, node, dispatch_set from domains where name = $1', [
    domain,
  ]);
  return asked === undefined ? inbound(to) : outbound(to, asked);
});

async function one(text: string, values: unknown[]): Promise<Record<string, unknown> | undefined> {
  const { rows } = await pool.query<Record<string, unknown>>(text, values);
  return rows[0];
}

async function inbound(did: string) {
  const target = await one(
    `select did.domain, did.destination, did.dest_type, did.fail_forward, domain.tenant, domain.dispatch_set
     from did_routing did join domains domain on domain.name = did.domain
     where did.did = $1 and did.active and domain.enabled order by did.priority desc limit 1`,
    [did],
  );
  if (target === undefined) return { result: 'reject', code: 404 };
  await one('select user_id from users where domain = $1 and lower(user_id) = lower($2) and enabled', [
    target['domain'],
    target['destination'],
  ]);
  await one('select node from registrations where domain = $1 and user_id = $2 and not is_ended', [
    target['domain'],
    target['destination'],
  ]);
  const { rows } = await pool.query(
    `select node.switchname, node.sip_uri from dispatch_members member
       join nodes node on node.switchname = member.node left join node_status status on status.node = node.switchname
     where member.set_id = $1 and node.state = 'active' and node.sip_uri is not null
       and coalesce((status.load ->> 'sessions')::int, 0) < coalesce(node.max_sessions, (status.load ->> 'max_sessions')::int, 1000)
     order by member.priority desc, coalesce((status.load ->> 'sessions')::float8, 0)
       / greatest(coalesce(node.max_sessions, (status.load ->> 'max_sessions')::int, 1000), 1) limit 3`,
    [target['dispatch_set']],
  );
  return {
    result: 'route',
    routes: rows.map(({ sip_uri }) => ({ uri: target['destination'], dst_uri: sip_uri })),
  };
}

async function outbound(number: string, domain: Record<string, unknown>) {
  const digits = number.replace('+', '');
  await one('select user_id from users where domain = $1 and lower(user_id) = lower($2) and enabled', [
    domain['name'],
    number,
  ]);
  await one('select domain from did_routing where did = $1', [number]);
  const prefixes = Array.from({ length: digits.length + 1 }, (_, length) => digits.slice(0, length));
  const { rows } = await pool.query(
    `select trunk.name, trunk.host, trunk.port, route.strip, route.prepend from trunk_routing route
       join trunks trunk on trunk.name = route.trunk
     where route.prefix = any($1) and (route.domain = $2 or route.domain is null) and route.active and trunk.enabled
       and (trunk.tenant is null or trunk.tenant = $3)
       and (trunk.max_channels is null or trunk.max_channels >
         (select coalesce(sum((load -> 'trunks' ->> trunk.name)::int), 0) from node_status))
     order by length(route.prefix) desc, route.priority desc, random() * route.weight desc`,
    [prefixes, domain['name'], domain['tenant']],
  );
  return {
    result: 'route',
    routes: rows.map(({ host, port }) => ({ uri: `sip:${number}@${host}:${port}` })),
  };
}

process.on('message', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send?.((app.server.address() as { port: number }).port);
});
process.on('disconnect', () => process.exit(0));
