import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
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

type Headers = [name: string, value: string][];

/** One end over UDP that sends what it is told to, and says of itself what it is told to. */
export interface PlainPeer {
  /** what its Via and its Contact say; a phone behind NAT does not know where its packets seem to come from */
  readonly says: string;
  /** requests that came, without their retransmissions; all but ACK are answered */
  readonly requests: SipMessage[];
  /** changes what the next requests are answered; a Contact stands in the place of its own */
  answer(next: (request: SipMessage) => { status: number; headers?: Headers }): void;
  /** Sends a request and gives its final answer; an INVITE that is answered is not acknowledged. */
  ask(request: PlainRequest): Promise<SipMessage>;
  /** Sends a request and waits for no answer, only for the time in which it would have arrived. */
  tell(request: PlainRequest): Promise<void>;
  /** The request of a method that came, when it came. */
  got(method: string): Promise<SipMessage>;
  close(): void;
}

export interface PlainRequest {
  method: string;
  uri: string;
  /** the proxy, `address:port` */
  by: string;
  /** the dialog: the answer that began it, and the caller's requests go on in it */
  within?: SipMessage;
  from?: string;
  /** what stands before `from` when a dialog begins, quotes and space included; From never names anybody unless given */
  name?: string;
  to?: string;
  callId?: string;
  /** a Contact stands in the place of its own */
  headers?: Headers;
}

const ARRIVED_MS = 300;

/** Opens a socket at `address:port`; `says` is the same unless given. */
export async function openPlainPeer(address: string, port = 5060, says?: string): Promise<PlainPeer> {
  const socket = createSocket('udp4');
  const requests: SipMessage[] = [];
  const replies: SipMessage[] = [];
  const place = says ?? `${address}:${port}`;
  const contact: [string, string] = ['Contact', `<sip:${place}>`];
  let decide: (request: SipMessage) => { status: number; headers?: Headers } = () => ({ status: 200 });
  let numbered = 0;

  socket.on('message', (data, peer) => {
    const message = parseSip(data.toString());
    if (!isRequest(message)) return void replies.push(message);
    const isNew = !requests.some(
      (known) => headersOf(known, 'via')[0] === headersOf(message, 'via')[0] && known.first === message.first,
    );
    if (isNew) requests.push(message);
    if (methodOf(message) === 'ACK') return;
    const { status, headers = [] } = decide(message);
    const reply = replyTo(
      message,
      { status, reason: 'Said', headers: withContact(headers, contact) },
      'peer',
    );
    socket.send(renderSip(reply), peer.port, peer.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');

  function send(request: PlainRequest): string {
    numbered += 1;
    const { host, port: proxyPort } = splitPlace(request.by);
    const branch = `z9hG4bK${randomBytes(8).toString('hex')}`;
    const via: [string, string] = ['Via', `SIP/2.0/UDP ${place};branch=${branch};rport`];
    const headers: Headers = [via, ['Max-Forwards', '70'], ...dialogOf(request)];
    headers.push(['CSeq', `${numbered} ${request.method}`], ...withContact(request.headers ?? [], contact));
    socket.send(
      renderSip({ first: `${request.method} ${request.uri} SIP/2.0`, headers, body: '' }),
      proxyPort,
      host,
    );
    return branch;
  }

  return {
    says: place,
    requests,
    answer: (next) => {
      decide = next;
    },
    ask: async (request) => {
      const branch = send(request);
      const final = () =>
        replies.find((reply) => headerOf(reply, 'via')?.includes(branch) && statusOf(reply) >= 200);
      await until(`an answer to ${request.method}`, () => final() !== undefined);
      return final() as SipMessage;
    },
    tell: async (request) => {
      send(request);
      await sleep(ARRIVED_MS);
    },
    got: async (method) => {
      const found = () => requests.find((request) => methodOf(request) === method);
      await until(`a ${method}`, () => found() !== undefined);
      return found() as SipMessage;
    },
    close: () => socket.close(),
  };
}

/** The headers, with a Contact where they have none. */
function withContact(headers: Headers, contact: [string, string]): Headers {
  return headers.some(([name]) => name === 'Contact') ? headers : [contact, ...headers];
}

/** Who talks to whom: as in the answer that began the dialog, with its way back as Route, or anew. */
function dialogOf({
  within,
  uri,
  from = 'sip:1002@a.example',
  name = '',
  to,
  callId,
}: PlainRequest): Headers {
  if (within === undefined) {
    return [
      ['From', `${name}<${from}>;tag=${randomBytes(4).toString('hex')}`],
      ['To', to ?? `<${uri}>`],
      ['Call-ID', callId ?? randomBytes(8).toString('hex')],
    ];
  }
  const copied = ['From', 'To', 'Call-ID'].map((name): [string, string] => [
    name,
    headerOf(within, name) ?? '',
  ]);
  const routes = headersOf(within, 'record-route').toReversed();
  return [...copied, ...routes.map((route): [string, string] => ['Route', route])];
}

/** The URI in a message's Contact: where requests within its dialog go. */
export function targetOf(message: SipMessage): string {
  return /<([^>]+)>/.exec(headerOf(message, 'contact') ?? '')?.[1] ?? '';
}

function splitPlace(place: string): { host: string; port: number } {
  const [host = '', port = '5060'] = place.split(':');
  return { host, port: Number(port) };
}
