import type { Surroundings } from '../../../services/directory/surroundings.ts';
import { ask, type Fields, formOf } from './lookup-body.ts';
import { at, type ParsedElement, parseXml } from './parsed-xml.ts';

/** A call that a node asks its dialplan about; every field can be any text. */
export interface Call {
  number?: string;
  context?: string;
  from?: string;
  host?: string;
  more?: Fields;
  node?: string;
  /** who logged in, at lab.test */
  user?: string | undefined;
  /** what made the channel; only mod_sofia says from where */
  source?: string;
}

/** The request of mod_dialplan_xml for a call, with the fields that matter of the 164 that it has. */
export function dialplanForm({
  number = '1001',
  context = 'lab.test',
  from = '192.0.2.99',
  host = 'lab.test',
  more = [],
  node = 'fs01',
  source = 'mod_sofia',
  user,
}: Call): string {
  const sip: Fields = [
    ['variable_sip_network_ip', from],
    ['variable_sip_received_ip', from],
    ['variable_sip_req_host', host],
  ];
  const login: Fields =
    user === undefined
      ? []
      : [
          ['variable_user_name', user],
          ['variable_domain_name', 'lab.test'],
        ];
  return formOf(
    [
      ['hostname', node],
      ['section', 'dialplan'],
      ['tag_name', ''],
      ['key_name', ''],
      ['key_value', ''],
    ],
    [
      ['Event-Name', 'REQUEST_PARAMS'],
      ['Unique-ID', '0acb9bd4-be2e-4ff7-a9b4-2fa256f308f0'],
      ['Caller-Context', context],
      ['Caller-Source', source],
      ['Caller-Destination-Number', number],
      ...(source === 'mod_sofia' ? sip : []),
      ...login,
      ...more,
      ['Hunt-Destination-Number', number],
      ['Hunt-Source', source],
      ['Hunt-Context', context],
    ],
  );
}

/** The actions that FreeSWITCH is told to run, as `application(data)`; undefined: we had nothing to say. */
export function actionsOf(call: Call, surroundings: Surroundings): string[] | undefined {
  const { xml } = ask(dialplanForm(call), surroundings);
  const root: ParsedElement = parseXml(xml);
  const [context] = at(root, 'section/context');
  if (context === undefined) return undefined;
  return at(context, 'extension/condition/action').map(
    ({ attributes }) => `${attributes['application']}(${attributes['data'] ?? ''})`,
  );
}
