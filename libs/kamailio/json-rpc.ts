import { CodedError } from '../errors/coded-error.ts';

export interface JsonRpcOptions {
  /** where Kamailio's jsonrpcs listens, such as `http://192.0.2.1:5062/RPC` */
  url: string;
  method: string;
  /** Kamailio tells integers from strings: a set number must be a number */
  params?: readonly (string | number)[];
  timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;
const MAX_REPLY_BYTES = 4 * 1024 * 1024;

/**
 * Calls one RPC command of a Kamailio (xhttp and jsonrpcs). Gives its result.
 * @throws CodedError `kamailio-unreachable`; `kamailio-refused` with Kamailio's own message
 */
export async function callKamailio(options: JsonRpcOptions): Promise<unknown> {
  const { url, method, params = [] } = options;
  const reply = await post(options, JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 }));
  const { result, error } = reply as { result?: unknown; error?: { message?: unknown } };
  if (error !== undefined) {
    throw new CodedError('kamailio-refused', `${method} at ${hostOf(url)}: ${String(error.message)}`);
  }
  return result;
}

async function post({ url, timeoutMs = TIMEOUT_MS }: JsonRpcOptions, body: string): Promise<object> {
  try {
    const { address, authorization } = splitCredentials(url);
    const response = await fetch(address, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...authorization },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    // An error of the command comes with status 500 and a body that says it; anything else is no Kamailio.
    const text = await response.text();
    if (text.length > MAX_REPLY_BYTES) throw new Error(`a reply of ${text.length} bytes`);
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) throw new Error('the reply is no object');
    return value;
  } catch (cause) {
    throw new CodedError('kamailio-unreachable', `no JSON-RPC from ${hostOf(url)}`, { cause });
  }
}

/** fetch takes no URL with credentials, and its refusal would tell them: they go into a header. */
function splitCredentials(url: string): { address: string; authorization: Record<string, string> } {
  const parsed = new URL(url);
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  if (username === '' && password === '') return { address: parsed.href, authorization: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    address: parsed.href,
    authorization: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
  };
}

/** The URL may hold a password. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'an unreadable URL';
}
