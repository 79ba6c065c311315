import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Credentials {
  username: string;
  password: string;
}

export interface HttpPost {
  url: string;
  /** Sent in this order and spelling, as libcurl sent them. */
  headers: readonly (readonly [name: string, value: string])[];
  /** A binary string. */
  body: string;
  /** Real milliseconds for the whole exchange; 0 waits for ever, as FreeSWITCH does by default. */
  timeoutMs: number;
}

export interface HttpAnswer {
  status: number;
  /** The first 64 KiB, a binary string. */
  body: string;
}

const KEPT = 65_536;

/**
 * Posts as libcurl does inside FreeSWITCH: a TCP connection of its own, closed afterwards, redirects not followed.
 * @throws what the socket throws (ECONNREFUSED…), or a TimeoutError
 */
export async function post(options: HttpPost): Promise<HttpAnswer> {
  const request = open(options);
  const deadline =
    options.timeoutMs > 0
      ? setTimeout(() => request.destroy(timeout(options)), options.timeoutMs)
      : undefined;
  try {
    const [response] = (await once(send(request, options), 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await readBody(response) };
  } finally {
    clearTimeout(deadline);
    request.destroy();
  }
}

/** Headers as recorded, with our host, length and credentials in the place of the recorded ones. */
export function headersFor(
  recorded: HttpPost['headers'],
  { url, body, credentials }: { url: string; body: string; credentials?: Credentials | undefined },
): [string, string][] {
  return recorded.map(([name, value]) => {
    switch (name.toLowerCase()) {
      case 'host':
        return [name, new URL(url).host];
      case 'content-length':
        return [name, String(body.length)];
      case 'authorization':
        return [name, credentials === undefined ? value : basic(credentials)];
      default:
        return [name, value];
    }
  });
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function open({ url, headers }: HttpPost): ClientRequest {
  const start = url.startsWith('https:') ? httpsRequest : httpRequest;
  const request = start(url, { method: 'POST', agent: false, setHost: false });
  for (const [name, value] of headers) request.setHeader(name, value);
  request.removeHeader('Connection');
  request.on('error', (error) => request.destroy(error));
  return request;
}

/** With `Expect: 100-continue` libcurl waits a second for the go-ahead, then sends all the same. */
function send(request: ClientRequest, { body }: HttpPost): ClientRequest {
  const finish = () => request.end(body, 'latin1');
  if (!request.hasHeader('Expect')) {
    finish();
    return request;
  }
  const impatient = setTimeout(finish, 1000);
  request.once('continue', () => {
    clearTimeout(impatient);
    finish();
  });
  request.once('close', () => clearTimeout(impatient));
  request.flushHeaders();
  return request;
}

async function readBody(response: IncomingMessage): Promise<string> {
  let body = '';
  response.setEncoding('latin1');
  for await (const chunk of response) if (body.length < KEPT) body += chunk;
  return body.slice(0, KEPT);
}

function timeout({ timeoutMs }: HttpPost): Error {
  return new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError');
}
