import { readArray } from '../kept-value.ts';
import type {
  AppliedApplication,
  CdrDocument,
  DocumentCallflow,
  Hold,
  Stats,
  VariableMap,
} from './cdr-document.ts';
import { CdrRejected } from './cdr-rejection.ts';
import type { IsWanted } from './known-tag.ts';
import { setOwn } from './own-property.ts';
import { decodeVariable } from './percent.ts';
import { hasUnescapedText, isForgeable } from './unescaped-text.ts';
import { attribute, child, children, type XmlElement } from './xml-element.ts';
import { parseXml } from './xml-parser.ts';
import { type Sift, scanLines } from './xml-scanner.ts';

/** Elements that FreeSWITCH writes at most once: a second one was smuggled in, and neither can be trusted. */
const ONCE_IN_CDR = ['channel_data', 'call-stats', 'variables', 'app_log', 'hold-record'];

/** What comes behind it shall not wait for long, and FreeSWITCH's own layout has no such bound. */
const LARGEST_OTHER = 2 * 1024 * 1024;

const FORGEABLE =
  'a text holds <!, after which FreeSWITCH escapes nothing, and what follows may be lines of that text';
const UNESCAPED = 'a text holds <!, after which FreeSWITCH escapes nothing, and is not one element a line';

/** Statistics are many lines, and no field of a record comes from them. */
const STATISTICS = new Set(['audio', 'video', 'text', 'inbound', 'outbound', 'error-log', 'error-period']);

/**
 * Reads an XML CDR. With `isWanted`, only the variables it names, and no statistics: what a record is made of, in half the time.
 * @throws CdrRejected `cdr-truncated`, `cdr-malformed`, `cdr-ambiguous`
 */
export function readXmlDocument(text: string, isWanted?: IsWanted, bytes?: Buffer): CdrDocument {
  if (!text.trimEnd().endsWith('</cdr>')) {
    throw new CdrRejected(
      'cdr-truncated',
      `the document does not end with </cdr> after ${text.length} characters`,
    );
  }
  const isUnescaped = hasUnescapedText(text);
  if (isUnescaped && isForgeable(text)) throw new CdrRejected('cdr-ambiguous', FORGEABLE);
  const root =
    scanLines(text, { sift: isWanted && siftFor(isWanted), bytes }) ?? parseOther(text, isUnescaped);
  if (root.name !== 'cdr') throw new CdrRejected('cdr-malformed', 'the root element is not cdr');
  refuseRepeated(root, ONCE_IN_CDR);
  return {
    core_uuid: attribute(root, 'core-uuid') ?? '',
    switchname: attribute(root, 'switchname') ?? '',
    channel_data: textsOf(child(root, 'channel_data')),
    call_stats: isWanted === undefined ? statsOf(child(root, 'call-stats')) : {},
    variables: variablesOf(child(root, 'variables')),
    app_log: children(child(root, 'app_log'), 'application').map(applicationOf),
    hold_record: children(child(root, 'hold-record'), 'hold').map(holdOf),
    callflows: children(root, 'callflow').map(callflowOf),
    imported: false,
  };
}

/**
 * XML in another layout than FreeSWITCH's: reading it takes half a second a MiB. With an unescaped text nobody can tell what is
 * markup, and fast-xml-parser takes the elements behind a `<!` for its content.
 */
function parseOther(text: string, isUnescaped: boolean): XmlElement {
  if (isUnescaped) throw new CdrRejected('cdr-malformed', UNESCAPED);
  if (text.length <= LARGEST_OTHER) return parseXml(text);
  throw new CdrRejected(
    'cdr-malformed',
    'the document is larger than 2 MiB and not one element a line, as FreeSWITCH writes it',
  );
}

const NEVER = () => false;

function siftFor(isWanted: IsWanted): Sift {
  return (parent) => {
    if (parent === 'variables') return isWanted;
    return STATISTICS.has(parent) ? NEVER : undefined;
  };
}

function refuseRepeated(element: XmlElement, names: readonly string[]): void {
  const name = names.find((once) => children(element, once).length > 1);
  if (name !== undefined) throw repeated(name, element.name);
}

function repeated(name: string, parent = ''): CdrRejected {
  return new CdrRejected('cdr-ambiguous', `element ${name} occurs more than once in ${parent}`);
}

/** @throws CdrRejected `cdr-ambiguous` when one of them is there twice */
function textsOf(element: XmlElement | undefined): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const { name, text, children } of element?.children ?? []) {
    if (children.length > 0) continue;
    if (Object.hasOwn(texts, name)) throw repeated(name, element?.name);
    setOwn(texts, name, text);
  }
  return texts;
}

/** Only variables are URL-encoded; an array repeats the element. */
function variablesOf(element: XmlElement | undefined): VariableMap {
  const values = new Map<string, string | string[]>();
  for (const { name, text } of element?.children ?? []) {
    const value = decodeVariable(text);
    const before = values.get(name);
    if (before === undefined) values.set(name, readArray(value));
    else if (typeof before === 'string') values.set(name, [before, value]);
    // Added to, never copied: of one that is repeated without end each copy is longer than the last.
    else before.push(value);
  }
  return values;
}

function statsOf(element: XmlElement | undefined): Stats {
  const grouped = Map.groupBy(element?.children ?? [], ({ name }) => name);
  return Object.fromEntries(
    [...grouped].map(([name, members]) => {
      const values = members.map((member) => (member.children.length > 0 ? statsOf(member) : member.text));
      const nested = values.filter((value) => typeof value !== 'string');
      return [name, nested.length > 1 ? nested : (values[0] ?? '')];
    }),
  );
}

function applicationOf(element: XmlElement): AppliedApplication {
  const stamp = attribute(element, 'app_stamp');
  return {
    app_name: attribute(element, 'app_name') ?? '',
    app_data: attribute(element, 'app_data') ?? '',
    ...(stamp === undefined ? {} : { app_stamp: stamp }),
  };
}

function holdOf(element: XmlElement): Hold {
  return {
    on: attribute(element, 'on') ?? '',
    off: attribute(element, 'off') ?? '',
    bridged_to: attribute(element, 'bridged-to') ?? '',
  };
}

function callflowOf(element: XmlElement): DocumentCallflow {
  refuseRepeated(element, ['caller_profile', 'times']);
  const profile = child(element, 'caller_profile');
  const profilesOf = (kind: string) => children(child(profile, kind), `${kind}_caller_profile`).map(textsOf);
  return {
    dialplan: attribute(element, 'dialplan') ?? '',
    unique_id: attribute(element, 'unique-id') ?? '',
    clone_of: attribute(element, 'clone-of') ?? '',
    profile_index: attribute(element, 'profile_index') ?? '',
    extension: extensionOf(child(element, 'extension')),
    caller_profile: textsOf(profile),
    originators: profilesOf('originator'),
    originatees: profilesOf('originatee'),
    originations: profilesOf('origination'),
    times: textsOf(child(element, 'times')),
  };
}

function extensionOf(element: XmlElement | undefined): DocumentCallflow['extension'] {
  if (element === undefined) return undefined;
  return {
    name: attribute(element, 'name') ?? '',
    number: attribute(element, 'number') ?? '',
    current_app: attribute(element, 'current_app') ?? '',
    applications: children(element, 'application').map(applicationOf),
  };
}
