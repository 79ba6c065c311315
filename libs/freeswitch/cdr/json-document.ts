import type { Variables } from '../../records/variables.ts';
import { readArray } from '../kept-value.ts';
import {
  type AppliedApplication,
  type CallerProfile,
  type CdrDocument,
  type DocumentCallflow,
  type Hold,
  keptCallflows,
  type Stats,
  type VariableMap,
} from './cdr-document.ts';
import { CdrRejected } from './cdr-rejection.ts';
import { repairVariables } from './json-repair.ts';
import { refuseForeign, refuseRepeated, refuseRepeatedNames } from './json-sections.ts';
import { setOwn } from './own-property.ts';
import { decodeVariable } from './percent.ts';

type Json = Readonly<Record<string, unknown>>;

/** What FreeSWITCH's switch_url_encode never leaves bare (SWITCH_URL_UNSAFE). */
const UNSAFE = /[\r\n #&+:;<=>?@[\\\]^`{|}"]/;
const ENCODED = /%[0-9A-F]{2}/;

/**
 * Reads a JSON CDR of mod_json_cdr, or one that PHP's json_encode made of the XML, as FusionPBX keeps them: what the XML
 * has as attributes is below `@attributes` there, and of what is repeated a single one is no array. With `isWanted`, only
 * the variables it names.
 * @throws CdrRejected `cdr-truncated`, `cdr-malformed`, `cdr-ambiguous`
 */
export function readJsonDocument(
  text: string,
  { isWanted, isDecoded = false }: JsonOptions = {},
): CdrDocument {
  const root = flat(parse(text, isDecoded));
  const imported = Object.hasOwn(root, 'imported_row');
  // a row may hold a whole document
  if (!imported) refuseRepeated(text);
  const callflows = listOf(root['callflow']);
  const variables = objectOf(root['variables']);
  return {
    core_uuid: textOf(root['core-uuid']),
    switchname: textOf(root['switchname']),
    channel_data: textsOf(objectOf(root['channel_data'])),
    call_stats: isWanted === undefined ? statsOf(objectOf(root['callStats'] ?? root['call-stats'])) : {},
    // another system's row has its values as they are
    variables: variablesOf(variables, !imported && isEncoded(variables), isWanted),
    app_log: applicationsOf(objectOf(root['app_log'])),
    hold_record: holdsOf(objectOf(root['hold-record'] ?? root['hold_record'])),
    callflows: (isWanted === undefined ? callflows : keptCallflows(callflows)).map((callflow) =>
      callflowOf(flat(callflow)),
    ),
    imported,
  };
}

export interface JsonOptions {
  /** names the variables that are read; all of them without it */
  isWanted?: ((variable: string) => boolean) | undefined;
  /**
   * The body was percent-encoded as a whole. With encode-values=true as well its values were so twice, and a quote that a caller
   * wrote stands bare in the text: it may end a value, and the variables.
   */
  isDecoded?: boolean;
}

function parse(text: string, isDecoded: boolean): Json {
  const value = tryParse(text, isDecoded) ?? tryParse(repairVariables(text), isDecoded);
  if (value === undefined) {
    const cut = !text.trimEnd().endsWith('}');
    throw new CdrRejected(cut ? 'cdr-truncated' : 'cdr-malformed', `no JSON in ${text.length} characters`);
  }
  if (!isObject(value) || !isObject(value['variables'])) {
    throw new CdrRejected('cdr-malformed', 'the JSON has no variables');
  }
  return value;
}

function variablesOf(
  variables: Json,
  isPercentEncoded: boolean,
  isWanted: (variable: string) => boolean = () => true,
): VariableMap {
  const decode = isPercentEncoded ? (text: string) => readArray(decodeVariable(text)) : readArray;
  const values = new Map<string, Variables[string]>();
  for (const name of Object.keys(variables)) {
    if (!isWanted(name)) continue;
    const value = valuesOf(variables[name]);
    values.set(name, typeof value === 'string' ? decode(value) : value.flatMap(decode));
  }
  return values;
}

/** With encode-values=true every value is percent-encoded once; the document does not say so, its values do. */
function isEncoded(variables: Json): boolean {
  let hasEncoded = false;
  for (const name of Object.keys(variables)) {
    for (const text of [valuesOf(variables[name])].flat()) {
      if (UNSAFE.test(text)) return false;
      hasEncoded ||= ENCODED.test(text);
    }
  }
  return hasEncoded;
}

function tryParse(text: string | undefined, isDecoded: boolean): unknown {
  const value = parsed(text);
  if (text === undefined || !isDecoded || !isObject(value)) return value;
  refuseForeign(value);
  refuseRepeatedNames(text);
  return value;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function valuesOf(value: unknown): string | string[] {
  return Array.isArray(value) ? value.map(textOf) : textOf(value);
}

function callflowOf(callflow: Json): DocumentCallflow {
  const profile = objectOf(callflow['caller_profile']);
  const profilesOf = (kind: string): CallerProfile[] =>
    listOf(
      objectOf(profile[kind])[`${kind}_caller_profiles`] ?? objectOf(profile[kind])[`${kind}_caller_profile`],
    ).map(textsOf);
  return {
    dialplan: textOf(callflow['dialplan']),
    unique_id: textOf(callflow['unique-id']),
    clone_of: textOf(callflow['clone-of']),
    profile_index: textOf(callflow['profile_index']),
    extension: isObject(callflow['extension']) ? extensionOf(flat(callflow['extension'])) : undefined,
    caller_profile: textsOf(profile),
    originators: profilesOf('originator'),
    originatees: profilesOf('originatee'),
    originations: profilesOf('origination'),
    times: textsOf(objectOf(callflow['times'])),
  };
}

function extensionOf(extension: Json): DocumentCallflow['extension'] {
  return {
    name: textOf(extension['name']),
    number: textOf(extension['number']),
    current_app: textOf(extension['current_app']),
    applications: applicationsOf(extension),
  };
}

function applicationsOf(container: Json): AppliedApplication[] {
  return listOf(container['applications'] ?? container['application']).map((element) => {
    const application = flat(element);
    const stamp = application['app_stamp'];
    return {
      app_name: textOf(application['app_name']),
      app_data: textOf(application['app_data']),
      ...(stamp === undefined ? {} : { app_stamp: textOf(stamp) }),
    };
  });
}

function holdsOf(record: Json): Hold[] {
  return listOf(record['holds'] ?? record['hold']).map((hold) => holdOf(flat(hold)));
}

/** An element with its attributes beside its children. */
function flat(element: Json): Json {
  const attributes = element['@attributes'];
  return isObject(attributes) ? { ...element, ...attributes } : element;
}

function holdOf(hold: Json): Hold {
  return { on: textOf(hold['on']), off: textOf(hold['off']), bridged_to: textOf(hold['bridged-to']) };
}

/** FreeSWITCH nests them 3 deep; what is deeper is left to the document's bytes. */
const DEEPEST = 16;

function statsOf(stats: Json, depth = 1): Stats {
  if (depth > DEEPEST) return {};
  const within = (value: Json) => statsOf(value, depth + 1);
  return Object.fromEntries(
    Object.entries(stats).map(([name, value]) => {
      if (Array.isArray(value)) return [name, listOf(value).map(within)];
      return [name, isObject(value) ? within(value) : textOf(value)];
    }),
  );
}

function textsOf(object: Json): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(object))
    if (typeof object[name] !== 'object') setOwn(texts, name, textOf(object[name]));
  return texts;
}

function listOf(value: unknown): Json[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
