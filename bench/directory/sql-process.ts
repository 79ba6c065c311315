import formbody from '@fastify/formbody';
import Fastify from 'fastify';
import pg from 'pg';
import { element, pairs, renderDocument } from '../../libs/freeswitch/xml/element.ts';

/** The lookup that somebody writes who keeps no memory: one SQL query on an index for each request. */
const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });
const app = Fastify();
app.register(formbody);

interface Asked {
  user: string;
  domain: string;
}

app.post<{ Body: Asked }>('/*', async ({ body }, reply) => {
  const { rows } = await pool.query<Record<string, string>>(
    `select u.user_id, u.ha1, u.caller_id_name, u.caller_id_number, u.accountcode, u.toll_allow, u.number_alias, d.context
     from users u join domains d on d.name = u.domain
     where u.domain = $1 and lower(u.user_id) = lower($2) and u.enabled and d.enabled`,
    [body.domain, body.user],
  );
  const [row] = rows;
  const { user_id: id = '', ha1 = '', number_alias: alias = '' } = row ?? {};
  const variables = Object.entries(row ?? {}).filter(
    ([name]) => !['user_id', 'ha1', 'number_alias'].includes(name),
  );
  const params = [['a1-hash', ha1] as const, ['allow-empty-password', 'false'] as const];
  const entry = element('user', { id, 'number-alias': alias }, [
    element('params', {}, pairs('param', params)),
    element('variables', {}, pairs('variable', variables)),
  ]);
  const group = element('group', { name: 'default' }, [element('users', {}, [entry])]);
  const domain = element('domain', { name: body.domain }, [element('groups', {}, [group])]);
  return reply
    .header('content-type', 'text/xml')
    .send(renderDocument(element('section', { name: 'directory' }, [domain])));
});

process.on('message', async () => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send?.((app.server.address() as { port: number }).port);
});
process.on('disconnect', () => process.exit(0));
