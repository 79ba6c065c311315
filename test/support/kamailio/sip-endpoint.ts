import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  headerOf,
  headersOf,
  isRequest,
  methodOf,
  parseSip,
  renderSip,
  replyTo,
  type SipMessage,
  statusOf,
} from './sip-message.ts';

/** What an endpoint says to an INVITE; undefined: nothing at all. */
export type InviteAnswer = { status: number; reason: string; headers?: [string, string][] } | undefined;

/** The end of a call that was tried. */
export interface CallResult {
  status: number;
  reason: string;
  final: SipMessage;
  callId: string;
}

/** One SIP server or phone at an address of its own, over UDP: enough of RFC 3261 to place and take calls. */
export interface SipEndpoint {
  readonly address: string;
  readonly port: number;
  /** INVITEs that came, without retransmissions */
  readonly invites: SipMessage[];
  /** final answers to its own requests, with retransmissions */
  readonly finals: SipMessage[];
  /** REGISTERs that came; each is answered 200 */
  readonly registers: SipMessage[];
  /** changes what the next INVITEs are answered */
  answer(next: (invite: SipMessage) => InviteAnswer): void;
  /** Sends an INVITE and waits for its final answer, which it acknowledges; an answered call is ended at once. */
  call(options: CallOptions): Promise<CallResult>;
  /** Sends a REGISTER for the user of `from` and waits for its final answer. */
  register(options: CallOptions): Promise<CallResult>;
  close(): void;
}

export interface CallOptions {
  /** where it is sent, `address:port` */
  proxy: string;
  uri: string;
  from: string;
  /** the name in From; none by default */
  display?: string;
  headers?: [string, string][];
  callId?: string;
  /** milliseconds */
  timeoutMs?: number;
}

const OK: InviteAnswer = { status: 200, reason: 'OK' };

export async function openEndpoint(address: string, port = 5060): Promise<SipEndpoint> {
  const socket = createSocket('udp4');
  const waiting = new Map<string, (reply: SipMessage) => void>();
  const invites: SipMessage[] = [];
  const registers: SipMessage[] = [];
  const finals: SipMessage[] = [];
  let decide: (invite: SipMessage) => InviteAnswer = () => OK;

  socket.on('message', (data, peer) => {
    const message = parseSip(data.toString());
    if (!isRequest(message)) {
      if (statusOf(message) >= 200) finals.push(message);
      waiting.get(`${headerOf(message, 'call-id')} ${headerOf(message, 'cseq')}`)?.(message);
      return;
    }
    const respond = (reply: SipMessage) => socket.send(renderSip(reply), peer.port, peer.address);
    serve(message, respond);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  const place = { address, port: socket.address().port };

  function serve(request: SipMessage, respond: (reply: SipMessage) => void): void {
    const method = methodOf(request);
    if (method === 'ACK') return;
    if (method !== 'INVITE') {
      if (method === 'REGISTER') registers.push(request);
      respond(replyTo(request, { status: 200, reason: 'OK' }, 'x'));
      return;
    }
    const isNew = !invites.some((known) => headersOf(known, 'via')[0] === headersOf(request, 'via')[0]);
    if (isNew) invites.push(request);
    const answer = decide(request);
    if (answer === undefined) return;
    const contact: [string, string] = ['Contact', `<sip:${place.address}:${place.port}>`];
    const headers = [...(answer.headers ?? []), contact];
    respond(replyTo(request, { ...answer, headers }, `${place.address.replaceAll('.', '')}x`));
  }

  async function send(method: Method, options: CallOptions): Promise<CallResult> {
    const callId = options.callId ?? `${randomBytes(8).toString('hex')}@${place.address}`;
    const request = requestOf(method, place, { ...options, callId });
    const final = await exchange(socket, { waiting, request, options });
    const [, status = '', ...reason] = final.first.split(' ');
    if (method === 'INVITE') acknowledge(socket, { invite: request, final, proxy: options.proxy });
    return { status: Number(status), reason: reason.join(' '), final, callId };
  }

  return {
    ...place,
    invites,
    finals,
    answer: (next) => {
      decide = next;
    },
    registers,
    call: (options) => send('INVITE', options),
    register: (options) => send('REGISTER', options),
    close: () => socket.close(),
  };
}

type Method = 'INVITE' | 'REGISTER';

function requestOf(
  method: Method,
  { address, port }: { address: string; port: number },
  options: CallOptions & { callId: string },
): SipMessage {
  const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
  const name = options.display === undefined ? '' : `"${options.display}" `;
  return {
    first: `${method} ${options.uri} SIP/2.0`,
    headers: [
      ['Via', `SIP/2.0/UDP ${address}:${port};branch=${branch};rport`],
      ['Max-Forwards', '70'],
      ['From', `${name}<${options.from}>;tag=${randomBytes(4).toString('hex')}`],
      ['To', `<${method === 'REGISTER' ? options.from : options.uri}>`],
      ['Call-ID', options.callId],
      ['CSeq', `1 ${method}`],
      ['Contact', `<sip:${address}:${port}>`],
      ...(options.headers ?? []),
    ],
    body: '',
  };
}

interface Exchange {
  waiting: Map<string, (reply: SipMessage) => void>;
  request: SipMessage;
  options: CallOptions;
}

function exchange(socket: Socket, { waiting, request, options }: Exchange): Promise<SipMessage> {
  const key = `${headerOf(request, 'call-id')} ${headerOf(request, 'cseq')}`;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(key);
      reject(new Error(`no final answer to ${request.first}`));
    }, options.timeoutMs ?? 10_000);
    waiting.set(key, (reply) => {
      if (statusOf(reply) < 200) return;
      clearTimeout(timer);
      waiting.delete(key);
      resolve(reply);
    });
    transmit(socket, request, options.proxy);
  });
}

function acknowledge(
  socket: Socket,
  { invite, final, proxy }: { invite: SipMessage; final: SipMessage; proxy: string },
): void {
  const isAnswered = statusOf(final) < 300;
  const contact = /<([^>]+)>/.exec(headerOf(final, 'contact') ?? '')?.[1];
  const uri = isAnswered && contact !== undefined ? contact : (invite.first.split(' ')[1] ?? '');
  for (const [method, number] of isAnswered
    ? [
        ['ACK', 1],
        ['BYE', 2],
      ]
    : [['ACK', 1]]) {
    const branch = isAnswered ? `z9hG4bK${randomBytes(8).toString('hex')}` : undefined;
    const via = headerOf(invite, 'via') ?? '';
    transmit(
      socket,
      {
        first: `${method} ${uri} SIP/2.0`,
        headers: [
          ['Via', branch === undefined ? via : via.replace(/branch=[^;]+/, `branch=${branch}`)],
          ['Max-Forwards', '70'],
          // A refusal is acknowledged on the way that the INVITE went by.
          ...(isAnswered ? headersOf(final, 'record-route').toReversed() : headersOf(invite, 'route')).map(
            (value): [string, string] => ['Route', value],
          ),
          ['From', headerOf(invite, 'from') ?? ''],
          ['To', headerOf(final, 'to') ?? ''],
          ['Call-ID', headerOf(invite, 'call-id') ?? ''],
          ['CSeq', `${number} ${method}`],
        ],
        body: '',
      },
      proxy,
    );
  }
}

function transmit(socket: Socket, message: SipMessage, to: string): void {
  const [host = '', port = '5060'] = to.split(':');
  socket.send(renderSip(message), Number(port), host);
}
