/** A SIP message, split but not understood. */
export interface SipMessage {
  /** request line or status line */
  first: string;
  /** in order, names as they were written */
  headers: [name: string, value: string][];
  body: string;
}

const COMPACT: Readonly<Record<string, string>> = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
};

export function parseSip(text: string): SipMessage {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end < 0 ? text.length : end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return { first, headers, body: end < 0 ? '' : text.slice(end + 4) };
}

export function renderSip({ first, headers, body }: SipMessage): string {
  const lines = headers
    .filter(([name]) => name.toLowerCase() !== 'content-length')
    .map(([name, value]) => `${name}: ${value}`);
  return [first, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** All values of a header, by any case and by its compact form. */
export function headersOf(message: SipMessage, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers
    .filter(([given]) => (COMPACT[given.toLowerCase()] ?? given.toLowerCase()) === wanted)
    .map(([, value]) => value);
}

export function headerOf(message: SipMessage, name: string): string | undefined {
  return headersOf(message, name)[0];
}

export function isRequest({ first }: SipMessage): boolean {
  return !first.startsWith('SIP/2.0 ');
}

export function methodOf(message: SipMessage): string {
  return isRequest(message)
    ? (message.first.split(' ')[0] ?? '')
    : (headerOf(message, 'cseq')?.split(' ')[1] ?? '');
}

export function uriOf({ first }: SipMessage): string {
  return first.split(' ')[1] ?? '';
}

export function statusOf({ first }: SipMessage): number {
  return Number(first.split(' ')[1]);
}

/** An answer to a request: what RFC 3261 8.2.6 copies, and a tag. */
export function replyTo(
  request: SipMessage,
  { status, reason, headers = [] }: { status: number; reason: string; headers?: [string, string][] },
  tag: string,
): SipMessage {
  const copied = ['via', 'record-route', 'from', 'call-id', 'cseq'].flatMap((name) =>
    headersOf(request, name).map((value): [string, string] => [name, value]),
  );
  const to = headerOf(request, 'to') ?? '';
  const tagged = status > 100 && !to.includes(';tag=') ? `${to};tag=${tag}` : to;
  return { first: `SIP/2.0 ${status} ${reason}`, headers: [...copied, ['to', tagged], ...headers], body: '' };
}
