import type { LookupForm } from '../../../libs/freeswitch/xml/form.ts';
import type { FleetBook } from '../model/fleet-book.ts';

/** A call as a node's dialplan request tells of it. Nothing of it is ever rendered but what is checked here. */
export interface IncomingCall {
  /** switchname of the node that asks */
  node: string;
  context: string;
  /** what was dialled */
  number: string;
  /** the domain that a directory entry gave the channel; undefined: nobody logged in */
  userDomain: string | undefined;
  /** the user who calls: who logged in at the node, or whom our proxy let in; undefined: nobody of ours */
  caller: { user: string; domain: string } | undefined;
  /** hosts of the request line and of To */
  hosts: readonly string[];
  /** somebody talks to it already: it is transferred */
  isAnswered: boolean;
  /** who sent it: one of our nodes or proxies, the node itself, or somebody else */
  isFromOurs: boolean;
  /** its correlation id is believed: one of ours sent it, or our dialplan gave it to a leg that is sent on now */
  isIdOurs: boolean;
  /** a proxy says that a carrier sent it */
  isFromTrunk: boolean;
  /** nobody of ours made it, or had it sent on: it may not call the world */
  isGuests: boolean;
  /** the DID that one of our servers says it came in by, in E.164 */
  did: string | undefined;
  /** the trunk, registered on this node, that one of our proxies says the call leaves by */
  gateway: string | undefined;
  /** the trunk, registered on this node, that FreeSWITCH says the call came by */
  cameBy: string | undefined;
  /** the correlation header as it came, under every spelling of its name */
  correlation: readonly { variable: string; value: string }[];
  /** variables of headers that only our servers may send, by which this call says what it is */
  marks: readonly string[];
}

const MARK = /^variable_(sip_h_x-switchfleet-[a-z]{1,32})$/i;
const TRUNK_MARK = 'sip_h_x-switchfleet-trunk';
const SOURCE_MARK = 'sip_h_x-switchfleet-source';
const DID_MARK = 'sip_h_x-switchfleet-did';
const GATEWAY_MARK = 'sip_h_x-switchfleet-gateway';
/**
 * What makes a channel of the node's own: a loopback, or a call that FreeSWITCH originates. Whoever comes in by another
 * endpoint that is not SIP (a browser by mod_verto, a span by mod_freetdm) says nothing of where from: a stranger, unless
 * he logged in.
 */
const OWN_CHANNEL = /^mod_loopback$|(?:^|[\\/])switch_ivr_originate\.c$/;
/** On a leg that we made for a guest's call: whoever is at its other end may have it sent anywhere by a REFER. */
export const GUEST_VARIABLE = 'switchfleet_guest';
const E164 = /^\+[1-9][0-9]{2,14}$/;

/** Reads a request of section `dialplan`. */
export function readCall(form: LookupForm, { fleet, correlationHeader }: CallReader): IncomingCall {
  const first = (...names: string[]) =>
    names.map((name) => form.get(name)).find((value) => value !== undefined);
  const source = first('variable_sip_received_ip', 'variable_sip_network_ip');
  const maker = first('Hunt-Source', 'Caller-Source') ?? '';
  const marks = [...new Set(form.fields.flatMap(([name]) => MARK.exec(name)?.[1] ?? []))];
  const isKnown = source === undefined ? OWN_CHANNEL.test(maker) : fleet.isOurs(source);
  const isFromOurs = isKnown && !isSentOn(form);
  const isFromTrunk = marks.some((name) => name.toLowerCase() === TRUNK_MARK);
  const userDomain = form.get('variable_domain_name');
  const isStrangers = userDomain === undefined && (isFromTrunk || !isFromOurs);
  return {
    node: form.get('hostname') ?? '',
    context: first('Hunt-Context', 'Caller-Context') ?? '',
    number: first('Hunt-Destination-Number', 'Caller-Destination-Number') ?? '',
    userDomain,
    caller:
      addressOf(form.get('variable_user_name'), userDomain) ?? (isFromOurs ? letIn(form, marks) : undefined),
    hosts: ['variable_sip_req_host', 'variable_sip_to_host'].flatMap((name) => form.get(name) ?? []),
    isAnswered: form.get('Answer-State') === 'answered',
    isFromOurs,
    isIdOurs: isKnown,
    isFromTrunk,
    isGuests: isStrangers || form.get(`variable_${GUEST_VARIABLE}`) !== undefined,
    did: isFromOurs ? didOf(form, marks) : undefined,
    gateway: isFromOurs ? valueOfMark(form, marks, GATEWAY_MARK) : undefined,
    cameBy: form.get('variable_sip_gateway'),
    correlation: readHeader(form, correlationHeader),
    marks,
  };
}

/** The leg of somebody who was called, on its way to somebody else: its address is his, and says nothing of who called him. */
function isSentOn(form: LookupForm): boolean {
  return form.get('Call-Direction') === 'outbound' && form.get('variable_originator') !== undefined;
}

/** Our Kamailio lets a user in under its own name only, and says so. */
function letIn(form: LookupForm, marks: readonly string[]): IncomingCall['caller'] {
  if (valueOfMark(form, marks, SOURCE_MARK) !== 'user') return undefined;
  return addressOf(form.get('variable_sip_from_user'), form.get('variable_sip_from_host'));
}

function addressOf(user: string | undefined, domain: string | undefined): IncomingCall['caller'] {
  return user === undefined || domain === undefined ? undefined : { user, domain };
}

function didOf(form: LookupForm, marks: readonly string[]): string | undefined {
  const did = valueOfMark(form, marks, DID_MARK);
  return did !== undefined && E164.test(did) ? did : undefined;
}

/** A mark under whatever spelling it came. */
function valueOfMark(form: LookupForm, marks: readonly string[], wanted: string): string | undefined {
  const mark = marks.find((name) => name.toLowerCase() === wanted);
  return mark === undefined ? undefined : form.get(`variable_${mark}`);
}

export interface CallReader {
  fleet: FleetBook;
  correlationHeader: string;
}

/** FreeSWITCH keeps the sender's spelling of a header's name in the variable's, and would send it on under that. */
function readHeader(form: LookupForm, header: string): IncomingCall['correlation'] {
  const wanted = `variable_sip_h_${header}`.toLowerCase();
  const names = new Set(form.fields.map(([name]) => name).filter((name) => name.toLowerCase() === wanted));
  return [...names].map((name) => ({
    variable: name.slice('variable_'.length),
    value: form.get(name) ?? '',
  }));
}
