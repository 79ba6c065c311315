import { readFrames } from './esl-frame.ts';
import { readPlainEvent, writeJsonEvent } from './event-text.ts';
import type { CoreStart, RecordedEvent, RecordedItem } from './recorded-item.ts';

interface Chunk {
  atUs: number;
  end: number;
}

interface Log {
  chunks: readonly Chunk[];
  /** When the server closed the connection; absent when its client went away first, and the server lived on. */
  endUs?: number;
}

interface LogLine {
  t: string;
  offset?: number;
  len?: number;
  state?: string;
}

/**
 * Reads what one ESL client received of one run of a FreeSWITCH process.
 * @param stream the bytes, as a binary string; events may be JSON or plain
 * @param log lines `{t,offset,len}`: when which bytes arrived, and `{t,state}`, `end (…)` when the server closed
 * @throws Error when the stream holds no event
 */
export function readRecordedStream(node: string, stream: string, log: string): RecordedItem[] {
  const { chunks, endUs } = readLog(log);
  const events: RecordedEvent[] = [];
  let noticed = false;
  let chunk = 0;
  for (const frame of readFrames(stream)) {
    while ((chunks[chunk]?.end ?? Number.POSITIVE_INFINITY) < frame.end) chunk += 1;
    const atUs = chunks[chunk]?.atUs ?? 0;
    const type = frame.headers.get('Content-Type');
    if (type === 'text/event-json') events.push(toEvent(node, atUs, frame.body));
    if (type === 'text/event-plain')
      events.push(toEvent(node, atUs, writeJsonEvent(readPlainEvent(frame.body))));
    if (type === 'text/disconnect-notice') noticed = true;
  }
  const start = toCoreStart(node, events, chunks);
  if (endUs === undefined) return [start, ...events];
  return [start, ...events, { kind: 'core-end', atUs: endUs, node, how: noticed ? 'shutdown' : 'kill' }];
}

function readLog(log: string): Log {
  const lines = log.split('\n').filter((line) => line !== '');
  const read = lines.map((line) => JSON.parse(line) as LogLine);
  const end = read.find(({ state }) => state?.startsWith('end'));
  const chunks = read.flatMap(({ t, offset, len }): Chunk[] =>
    offset === undefined || len === undefined ? [] : [{ atUs: microseconds(t), end: offset + len }],
  );
  return { chunks, ...(end && { endUs: microseconds(end.t) }) };
}

function microseconds(time: string): number {
  return Date.parse(time) * 1000;
}

function toEvent(node: string, atUs: number, json: string): RecordedEvent {
  const headers = JSON.parse(json) as Record<string, string>;
  return {
    kind: 'event',
    atUs,
    node,
    name: headers['Event-Name'] ?? '',
    subclass: headers['Event-Subclass'] ?? '',
    uuid: headers['Unique-ID'] ?? '',
    json,
  };
}

/** The core and the moment it started are told by its heartbeats; without one it started when the recording began. */
function toCoreStart(node: string, events: readonly RecordedEvent[], chunks: readonly Chunk[]): CoreStart {
  const first = events[0];
  if (first === undefined) throw new Error(`the recorded stream of ${node} holds no event`);
  const atUs = chunks[0]?.atUs ?? first.atUs;
  const beat = events.find((event) => event.name === 'HEARTBEAT');
  const headers = JSON.parse((beat ?? first).json) as Record<string, string>;
  const uptimeUs = Number(headers['Uptime-msec'] ?? 0) * 1000;
  return {
    kind: 'core-start',
    atUs,
    node,
    core: headers['Core-UUID'] ?? '',
    startedUs: beat === undefined ? atUs : Number(headers['Event-Date-Timestamp']) - uptimeUs,
    version: headers['FreeSWITCH-Version'] ?? '1.10.12-release~64bit',
  };
}
