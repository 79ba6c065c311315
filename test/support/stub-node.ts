import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface StubOptions {
  password?: string;
  /** bodies of `api` replies by command; a function may answer late or never (null) */
  api?: Record<string, string | (() => string | null)>;
  /** called when a client subscribed, with its socket: play the stream from here */
  onSubscribed?: (socket: Socket, command: string) => void;
  /** replaces the greeting `auth/request` */
  onConnection?: (socket: Socket) => void;
}

export interface StubNode {
  port: number;
  /** every command that was received, oldest first */
  commands: string[];
  sockets: Set<Socket>;
  /** options may be changed while it runs */
  options: StubOptions;
  stop(): Promise<void>;
}

/** Bytes of one event frame, as `event json` sends it. */
export function eventFrame(event: Record<string, unknown>): Buffer {
  const body = Buffer.from(JSON.stringify(event));
  return Buffer.concat([
    Buffer.from(`Content-Length: ${body.length}\nContent-Type: text/event-json\n\n`),
    body,
  ]);
}

/** A small event socket on 127.0.0.1 that does what a test tells it; stopped when the test ends. */
export async function stubNode(t: TestContext, options: StubOptions = {}): Promise<StubNode> {
  const server = createServer();
  const node: StubNode = {
    port: 0,
    commands: [],
    sockets: new Set(),
    options,
    stop: () => stop(server, node),
  };
  server.on('connection', (socket) => accept(node, socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  node.port = (server.address() as { port: number }).port;
  t.after(() => node.stop());
  return node;
}

async function stop(server: Server, node: StubNode): Promise<void> {
  for (const socket of node.sockets) socket.destroy();
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}

function accept(node: StubNode, socket: Socket): void {
  node.sockets.add(socket);
  socket.on('close', () => node.sockets.delete(socket));
  socket.on('error', () => node.sockets.delete(socket));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const command = text.slice(0, end);
      text = text.slice(end + 2);
      node.commands.push(command);
      answer(node, socket, command);
    }
  });
  if (node.options.onConnection) node.options.onConnection(socket);
  else socket.write('Content-Type: auth/request\n\n');
}

function answer(node: StubNode, socket: Socket, command: string): void {
  const { password = 'ClueCon', api = {}, onSubscribed } = node.options;
  const reply = (text: string) => socket.write(`Content-Type: command/reply\nReply-Text: ${text}\n\n`);
  if (command.startsWith('auth ')) {
    if (command === `auth ${password}`) reply('+OK accepted');
    else socket.end('Content-Type: command/reply\nReply-Text: -ERR invalid\n\n');
  } else if (command.startsWith('event ')) {
    reply('+OK event listener enabled json');
    onSubscribed?.(socket, command);
  } else if (command.startsWith('api ')) {
    const configured = api[command.slice(4)] ?? '-ERR no reply\n';
    const body = typeof configured === 'function' ? configured() : configured;
    if (body !== null)
      socket.write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`);
  } else {
    reply('-ERR command not found');
  }
}
