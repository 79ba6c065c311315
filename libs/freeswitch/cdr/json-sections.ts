import { CdrRejected } from './cdr-rejection.ts';

/** What mod_json_cdr writes, and FusionPBX's form of the XML. */
const SECTIONS = new Set([
  ...[
    'core-uuid',
    'switchname',
    '@attributes',
    'channel_data',
    'callStats',
    'call-stats',
    'variables',
    'app_log',
  ],
  ...['hold-record', 'hold_record', 'callflow'],
]);

/** Strings, and what objects are made of. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}:]/g;

/**
 * Refuses JSON whose sections, or whose variables, have a name twice: JSON.parse takes the last of them, whoever wrote it. To be
 * called with what JSON.parse took. @throws CdrRejected `cdr-ambiguous`
 */
export function refuseRepeatedNames(json: string): void {
  const objects: Set<string>[] = [];
  let text = '';
  for (const [token] of json.matchAll(TOKENS)) {
    if (token === '{') objects.push(new Set());
    else if (token === '}') objects.pop();
    else if (token !== ':') text = token;
    else if (objects.length <= DEEPEST_CHECKED && objects.at(-1)?.has(text))
      throw new CdrRejected('cdr-ambiguous', `the JSON has ${text.slice(0, 64)} twice`);
    else objects.at(-1)?.add(text);
  }
}

/** The document, and its sections. */
const DEEPEST_CHECKED = 2;

/** @throws CdrRejected `cdr-ambiguous` when a section is none of FreeSWITCH's */
export function refuseForeign(root: object): void {
  const foreign = Object.keys(root).find((name) => !SECTIONS.has(name));
  if (foreign !== undefined)
    throw new CdrRejected(
      'cdr-ambiguous',
      `the JSON has a section ${foreign.slice(0, 64)}, which FreeSWITCH does not write`,
    );
}

/** Sections that are there once; inside of a text their quotes would be escaped. */
const ONCE = ['"variables":{', '"callflow":[', '"channel_data":{'];

/** JSON.parse takes the last of several, whoever wrote it. @throws CdrRejected `cdr-ambiguous` */
export function refuseRepeated(text: string): void {
  const twice = ONCE.find(
    (section) => text.indexOf(section, text.indexOf(section) + section.length) > text.indexOf(section),
  );
  if (twice !== undefined)
    throw new CdrRejected('cdr-ambiguous', `section ${twice.slice(1, -3)} occurs more than once in the JSON`);
}
