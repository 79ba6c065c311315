import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createStack, type Stack } from './stack.ts';

/**
 * The process that holds the servers of one test run, so that test files, each a process of its own, share them.
 * It prints its URL, and lives until its standard input ends: until the one who started it has gone.
 */
function main(): void {
  const stack = createStack(process.env, (line) => process.stderr.write(`# ${line}\n`));
  const server = createServer((request, response) => void answer(stack, request, response));
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`http://127.0.0.1:${port}\n`);
  });
  process.on('SIGINT', () => undefined);
  process.stdin.on('end', () => void stop(stack)).resume();
}

async function stop(stack: Stack): Promise<void> {
  await stack.stop();
  process.exit(0);
}

async function answer(stack: Stack, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, body: unknown) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  try {
    reply(200, await route(stack, request));
  } catch (error) {
    reply(503, { reason: error instanceof Error ? error.message : String(error) });
  }
}

async function route(stack: Stack, request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://stack');
  const name = url.searchParams.get('name') ?? '';
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /brokers':
      return { brokers: await stack.brokers() };
    case 'POST /databases':
      return stack.createDatabase({ migrated: url.searchParams.get('migrated') === 'true' });
    case 'DELETE /databases':
      await stack.releaseDatabase(name, { keep: url.searchParams.get('keep') === 'true' });
      return {};
    default:
      throw new Error(`the stack has no ${request.method} ${url.pathname}`);
  }
}

main();
