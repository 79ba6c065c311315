import assert from 'node:assert/strict';
import { parseLookupForm } from '../../../libs/freeswitch/xml/form.ts';
import { answerLookup } from '../../../services/directory/answer.ts';
import type { Answer } from '../../../services/directory/answers.ts';
import type { Surroundings } from '../../../services/directory/surroundings.ts';

/** Fields of a question, in the order in which FreeSWITCH would write them. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A form as mod_xml_curl writes it: the base fields as they stand, the others encoded. */
export function formOf(base: Fields, fields: Fields): string {
  const encoded = fields.map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`);
  return [...base.map(([name, value]) => `${name}=${value}`), ...encoded].join('&');
}

/** A question to section `directory` about a domain, as each part of FreeSWITCH begins it. */
export function directoryForm(domain: string, fields: Fields, hostname = 'fs01'): string {
  const tag = domain === '' ? '' : 'domain';
  const base: Fields = [
    ['hostname', hostname],
    ['section', 'directory'],
    ['tag_name', tag],
    ['key_name', domain === '' ? '' : 'name'],
    ['key_value', domain],
  ];
  return formOf(base, [['Event-Name', 'REQUEST_PARAMS'], ...fields]);
}

/** The three fields that a lookup of a user ends with. */
export function userFields(user: string, domain: string, key = 'id'): Fields {
  return [
    ['key', key],
    ['user', user],
    ['domain', domain],
  ];
}

/** Asks the directory without HTTP. */
export function ask(body: string, surroundings: Surroundings): Answer {
  const form = parseLookupForm(body);
  assert(form !== undefined);
  return answerLookup(form, surroundings);
}
