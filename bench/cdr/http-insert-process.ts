import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { loadConfig } from '../../libs/config/config.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';

/** Baseline of kept connections: bare node:http that parses the JSON and makes one INSERT of what it says before the 200. */
const database = openDatabase({
  config: loadConfig(),
  logger: createLogger({ service: 'bench', level: 'warn' }),
});
const INSERT = {
  name: 'insert',
  text: 'insert into bare_cdr (uuid, start_epoch, billsec, hangup_cause, document) values ($1, $2, $3, $4, $5)',
};
const server = createServer(async (request, response) => {
  const text = (await buffer(request)).toString('utf8');
  const { variables } = JSON.parse(text) as { variables: Record<string, string> };
  const { uuid, start_epoch, billsec, hangup_cause } = variables;
  await database.write.query({ ...INSERT, values: [uuid, start_epoch, billsec, hangup_cause, text] });
  response.setHeader('content-length', 2);
  response.end('ok');
});
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`ready ${(server.address() as AddressInfo).port}\n`),
);
process.once('SIGTERM', () => process.exit(0));
