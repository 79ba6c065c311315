/** What the parser's thread is told of one post; its body stands in `bodies`. */
export interface PostHead {
  url: string;
  /** the node that the credential is bound to */
  node: string | undefined;
  receivedUs: number;
  from: number;
  to: number;
}

/** Posts that came in one turn of the event loop. */
export interface PostBatch {
  batch: number;
  posts: PostHead[];
  bodies: ArrayBuffer;
}

/** A record, whose JSON stands in `json`; or why there is none. */
export type ParsedPost =
  | { key: string; node: string | null; from: number; to: number }
  | { reason: string; detail: string };

/** The thread has loaded what it needs. */
export interface ParserReady {
  ready: true;
}

/** What became of a batch, in its order. */
export interface ParsedBatch {
  batch: number;
  parsed: ParsedPost[];
  json: ArrayBuffer;
}
