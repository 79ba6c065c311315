/** One message of mod_event_socket: its headers in order, its body ('' when it has none) and the offset after its last byte. */
export interface EslFrame {
  headers: ReadonlyMap<string, string>;
  body: string;
  end: number;
}

/**
 * Cuts a recorded stream into frames. `stream` is a binary string (latin1: one character a byte), as offsets and
 * Content-Length count bytes. An incomplete last frame (the server was killed) is left out.
 */
export function* readFrames(stream: string): Generator<EslFrame> {
  let start = 0;
  for (;;) {
    const headEnd = stream.indexOf('\n\n', start);
    if (headEnd < 0) return;
    const headers = readHeaders(stream.slice(start, headEnd));
    const bodyStart = headEnd + 2;
    const end = bodyStart + Number(headers.get('Content-Length') ?? 0);
    if (end > stream.length) return;
    yield { headers, body: stream.slice(bodyStart, end), end };
    start = end;
  }
}

function readHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of head.split('\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) headers.set(line.slice(0, colon), line.slice(colon + 2));
  }
  return headers;
}

/** A frame with an event in it. FreeSWITCH writes Content-Length first here, and Content-Type first everywhere else. */
export function eventFrame(format: 'json' | 'plain', body: string): string {
  return `Content-Length: ${body.length}\nContent-Type: text/event-${format}\n\n${body}`;
}

export function commandReply(reply: string): string {
  return `Content-Type: command/reply\nReply-Text: ${reply}\n\n`;
}

export function apiResponse(body: string): string {
  return `Content-Type: api/response\nContent-Length: ${body.length}\n\n${body}`;
}

export function disconnectNotice(text: string): string {
  return `Content-Type: text/disconnect-notice\nContent-Length: ${text.length}\n\n${text}`;
}
