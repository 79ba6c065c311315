/** What a node did at one moment of a recording. Times are µs since 1970; texts are binary strings (one character a byte). */
export type RecordedItem = RecordedEvent | RecordedRequest | CoreStart | CoreEnd;

/** An event as it went to `event json`. */
export interface RecordedEvent {
  kind: 'event';
  atUs: number;
  node: string;
  name: string;
  /** Event-Subclass of a CUSTOM event, else ''. */
  subclass: string;
  /** Unique-ID, or '' when the event is about no channel. */
  uuid: string;
  json: string;
}

/** An HTTP request that FreeSWITCH made: a CDR or a question of mod_xml_curl. */
export interface RecordedRequest {
  kind: 'cdr' | 'json-cdr' | 'xml-curl';
  atUs: number;
  node: string;
  /** The leg of a CDR, else ''. */
  uuid: string;
  /** What the URL had before the uuid: `a_` for a leg without an originator. */
  prefix: 'a_' | '';
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
  /** What it was answered. */
  status: number;
}

/** One run of the FreeSWITCH process begins. */
export interface CoreStart {
  kind: 'core-start';
  atUs: number;
  node: string;
  core: string;
  /** When the process started, which is before anything was recorded of it. */
  startedUs: number;
  version: string;
}

/** It ends: `shutdown` says goodbye (text/disconnect-notice), `kill` only closes its sockets (kill -9). */
export interface CoreEnd {
  kind: 'core-end';
  atUs: number;
  node: string;
  how: 'shutdown' | 'kill';
}
