/**
 * A routing document as Kamailio's rtjson module reads it (`rtjson_init_routes`, 5.6). It ignores fields that it does not
 * know, so ours stand beside its own. Serial: the routes are tried one after the other.
 */
export interface RtjsonDocument {
  version: '1.0';
  result: 'route';
  routing: 'serial';
  /** never empty: `rtjson_push_routes` fails on an empty list */
  routes: RtjsonRoute[];
}

/** One try. Headers and timers count only after `rtjson_update_branch()` in a branch_route, with uac loaded. */
export interface RtjsonRoute {
  uri: string;
  dst_uri: string;
  headers?: { from?: { display: string; uri: string }; extra?: string };
  /** until the first answer, milliseconds */
  fr_timer: number;
  /** until the final answer, milliseconds */
  fr_inv_timer: number;
}

const HEADER_NAME = /^[A-Za-z0-9!%*_+`'~.-]{1,100}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be in a header
const NOT_IN_A_HEADER = /[\u0000-\u001f\u007f]/;
const MAX_VALUE = 500;

/**
 * Header lines for `extra`, which Kamailio inserts as they are: a name or value that could end its line, or begin
 * another, is left out.
 */
export function headerLines(headers: Iterable<readonly [name: string, value: string]>): string {
  let lines = '';
  for (const [name, value] of headers) {
    if (!HEADER_NAME.test(name) || value.length > MAX_VALUE || NOT_IN_A_HEADER.test(value)) continue;
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}
