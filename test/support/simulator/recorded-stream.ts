import { readFrames } from './esl-frame.ts';
import { readPlainEvent, writeJsonEvent } from './event-text.ts';
import type { CoreEnd, CoreStart, RecordedEvent, RecordedItem } from './recorded-item.ts';

interface Chunk {
  atUs: number;
  end: number;
}

/**
 * Reads what one ESL client received of one run of a FreeSWITCH process.
 * @param stream the bytes, as a binary string; events may be JSON or plain
 * @param chunkLog lines `{t,offset,len}`: when which bytes arrived
 * @throws Error when the stream holds no event
 */
export function readRecordedStream(node: string, stream: string, chunkLog: string): RecordedItem[] {
  const chunks = readChunks(chunkLog);
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
  const end: CoreEnd = {
    kind: 'core-end',
    atUs: chunks.at(-1)?.atUs ?? 0,
    node,
    how: noticed ? 'shutdown' : 'kill',
  };
  return [toCoreStart(node, events, chunks), ...events, end];
}

function readChunks(chunkLog: string): Chunk[] {
  const lines = chunkLog.split('\n').filter((line) => line !== '');
  return lines.flatMap((line): Chunk[] => {
    const { t, offset, len } = JSON.parse(line) as { t: string; offset?: number; len?: number };
    return offset === undefined || len === undefined
      ? []
      : [{ atUs: Date.parse(t) * 1000, end: offset + len }];
  });
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
