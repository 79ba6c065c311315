import assert from 'node:assert/strict';
import { everyElement, type ParsedElement } from './parsed-xml.ts';

/** What we put where FreeSWITCH expands: this and nothing else. */
const USER = '[A-Za-z0-9][A-Za-z0-9._+-]*';
const DOMAIN = '[a-z0-9][a-z0-9.-]*';
const ADDRESS = `${USER}@${DOMAIN}`;
const LOCAL = `\\$\\{sofia_contact\\(\\*\\/${ADDRESS}\\)\\}`;
const REMOTE = `\\[\\^\\^:sip_h_X-Switchfleet-Forwarded=${ADDRESS}\\]sofia\\/[A-Za-z0-9._-]+\\/${ADDRESS};fs_path=sips?%3A[A-Za-z0-9._%-]+`;
const VARIABLES = `sip_invite_domain=${DOMAIN}:presence_id=${ADDRESS}:dialed_user=${USER}:dialed_domain=${DOMAIN}`;
const DIAL_STRING = new RegExp(`^\\{\\^\\^:${VARIABLES}\\}(?:${LOCAL}|${REMOTE})(?:,${REMOTE})*$`);
const OUTSIDE =
  /^(?:\{\^\^:origination_caller_id_number=\+?[0-9]+(?::origination_caller_id_name=[\p{L}\p{N} ._-]+)?\})?sofia\/(?:gateway\/[A-Za-z0-9._-]+\/\+?[0-9]+|[A-Za-z0-9._-]+\/\+?[0-9]+@[a-z0-9.-]+;fs_path=sip%3A[A-Za-z0-9.%-]+)$/u;
const NAMED = '[A-Za-z0-9_*][A-Za-z0-9_.*-]*';
const DATA: Readonly<Record<string, RegExp>> = {
  answer: /^$/,
  sleep: /^\d+$/,
  respond: /^404 Not Found$/,
  hangup: /^[A-Z_]+$/,
  set: /^(?:hangup_after_bridge=true|continue_on_fail=(?:true|false)|call_timeout=\d+|cc_export_vars=nolocal:switchfleet_guest)$/,
  unset: /^sip_h_[Xx]-[A-Za-z-]+$/,
  export:
    /^(?:nolocal:switchfleet_guest=true|domain_name=[a-z0-9.-]+|tenant=[A-Za-z0-9._-]+|sip_h_X-Call-Correlation-ID=[A-Za-z0-9._-]+)$/,
  bridge: new RegExp(`${DIAL_STRING.source}|${OUTSIDE.source}|^user\\/${ADDRESS}$`, 'u'),
  voicemail: /^default [a-z0-9.-]+ [A-Za-z0-9][A-Za-z0-9._+-]*$/,
  callcenter: new RegExp(`^${NAMED}@[a-z0-9.-]+$`),
  ivr: new RegExp(`^${NAMED}@[a-z0-9.-]+$`),
  conference: new RegExp(`^${NAMED}~[a-z0-9.-]+@default$`),
};

/** Checks that whatever FreeSWITCH expands or splits in a reply is text of ours, built of names. */
export function checkExpanded(root: ParsedElement): void {
  for (const { name, attributes } of everyElement(root)) {
    const { application = '', data = '', name: param = '', value = '' } = attributes;
    if (name === 'action') assert.match(data, DATA[application] ?? /^never$/, `${application}(${data})`);
    if (param === 'dial-string') assert.match(value, DIAL_STRING);
    if (param === 'group-dial-string') assert.match(value, new RegExp(`^user\\/${ADDRESS}$`));
    if (name === 'param' && ['username', 'realm', 'proxy'].includes(param)) {
      assert.doesNotMatch(value, /[$`\\{}<>|;,'"\s]|\^\^|:_:/);
    }
  }
}
