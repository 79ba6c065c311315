import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { type Window, windowOf } from './moment.ts';
import type { RecordedItem } from './recorded-item.ts';
import { readRecordedRequests } from './recorded-request.ts';
import { readRecordedStream } from './recorded-stream.ts';

/** One server of a recording. */
export interface RecordedNode {
  switchname: string;
  /** The operating system's name, which `api hostname` tells. */
  hostname: string;
  /** Its SIP address in the recording. */
  address: string;
}

/** Everything that some FreeSWITCH servers did for a while, in the order of time. */
export interface Recording {
  name: string;
  nodes: readonly RecordedNode[];
  items: readonly RecordedItem[];
  /** First and last moment, µs since 1970. */
  startUs: number;
  endUs: number;
  /** Numbers within it are times. */
  window: Window;
}

interface Manifest {
  name: string;
  nodes: (RecordedNode & { cores: { stream: string; chunks: string }[] })[];
  requests: string[];
}

const FIXTURES = join(import.meta.dirname, '../../fixtures');

/** The recordings there are: folders of test/fixtures with a recording.json. */
export function recordingNames(): string[] {
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('/recording.json'))
    .map((path) => path.slice(0, -'/recording.json'.length))
    .sort();
}

/**
 * Reads a recording of test/fixtures, `run-01` for one. Files that end in .gz are unzipped.
 * @throws CodedError `recording-not-found`
 */
export function loadRecording(name: string): Recording {
  if (!recordingNames().includes(name)) {
    throw new CodedError(
      'recording-not-found',
      `no recording ${name}; there are ${recordingNames().join(', ')}`,
    );
  }
  const folder = join(FIXTURES, name);
  const manifest = JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8')) as Manifest;
  const items = manifest.nodes.flatMap(({ switchname, cores }) =>
    cores.flatMap(({ stream, chunks }) =>
      readRecordedStream(switchname, readBinary(join(folder, stream)), readBinary(join(folder, chunks))),
    ),
  );
  const requests = manifest.requests.flatMap((file) => readRecordedRequests(readText(join(folder, file))));
  return toRecording(manifest, [...items, ...requests]);
}

function toRecording({ name, nodes }: Manifest, unordered: RecordedItem[]): Recording {
  const items = unordered.toSorted((a, b) => a.atUs - b.atUs);
  const startUs = items[0]?.atUs ?? 0;
  const endUs = items.at(-1)?.atUs ?? 0;
  return {
    name,
    nodes: nodes.map(({ switchname, hostname, address }) => ({ switchname, hostname, address })),
    items,
    startUs,
    endUs,
    window: windowOf(startUs, endUs),
  };
}

function readBytes(path: string): Buffer {
  const bytes = readFileSync(path);
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

const readBinary = (path: string): string => readBytes(path).toString('latin1');
const readText = (path: string): string => readBytes(path).toString('utf8');
