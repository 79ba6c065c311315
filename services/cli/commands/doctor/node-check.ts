import { type Finding, findings, type Gathered } from './check.ts';
import type { CdrSettings, CurlBinding } from './module-settings.ts';
import type { NodeTraces } from './node-facts.sql.ts';
import { checkCdrSettings, checkCurlBindings } from './settings-check.ts';

/** What a node says over its event socket. */
export interface NodeAnswers {
  switchname: string;
  /** its clock minus ours, seconds; null when it does not say */
  clockOffset: number | null;
  /** of mod_xml_curl and mod_xml_cdr; null when it does not say */
  modules: Readonly<Record<string, boolean | null>>;
  /** as the modules are configured now; undefined when it does not say */
  cdrSettings: CdrSettings | undefined;
  curlBindings: CurlBinding[] | undefined;
}

export interface NodeFacts extends NodeTraces {
  switchname: string;
  state: string;
  /** null: a disabled node is not asked */
  answers: Gathered<NodeAnswers> | null;
  /** seconds since it last asked service directory; null when it never did */
  lastLookup: number | null;
}

type Findings = ReturnType<typeof findings>;

const SKEW_S = 0.5;
/** Fewer legs say nothing about the share of them. */
const ENOUGH = 20;
/** Phones register by the hour, and gateways, ACLs and users are asked for in between. */
const SILENT_S = 3_600;

/** Judges one node. */
export function checkNode(facts: NodeFacts): Finding[] {
  const { switchname, state, answers } = facts;
  const to = findings(`node ${switchname}`);
  if (answers === null) {
    to.warning(`is ${state}`, 'nobody follows it and it gets no calls');
    return to.found;
  }
  if ('problem' in answers) to.failed(answers.problem, 'see the runbooks NodeDown and NodeRefused');
  else checkAnswers(to, switchname, answers.value);
  checkLookups(to, facts);
  checkTraces(to, facts);
  if (state !== 'active')
    to.warning(`is ${state}`, `switchfleet node undrain ${switchname} gives it calls again`);
  return to.found;
}

function checkAnswers(to: Findings, switchname: string, answers: NodeAnswers): void {
  if (answers.switchname !== switchname)
    to.failed(
      `calls itself ${answers.switchname}`,
      `add it under that name, or set switchname to ${switchname} in its switch.conf.xml`,
    );
  else to.ok('event socket, login and name');
  const { clockOffset } = answers;
  if (clockOffset !== null && Math.abs(clockOffset) > SKEW_S)
    to.warning(
      `its clock is ${clockOffset.toFixed(1)} s from ours`,
      "a time server, then fs_cli -x 'fsctl sync_clock'",
    );
  for (const [name, isLoaded] of Object.entries(answers.modules))
    if (isLoaded === false)
      to.failed(`${name} is not loaded`, `fs_cli -x 'load ${name}', and modules.conf.xml`);
  checkCdrSettings(to, answers.cdrSettings);
  checkCurlBindings(to, answers.curlBindings);
}

function checkLookups(to: Findings, { lastLookup }: NodeFacts): void {
  const todo = 'does its xml_curl.conf.xml lead to service directory, and do its phones register?';
  if (lastLookup === null) to.warning('has never asked for its directory', todo);
  else if (lastLookup > SILENT_S)
    to.warning(`asked for its directory ${Math.round(lastLookup / 60)} minutes ago`, todo);
  else to.ok(`asked for its directory ${Math.round(lastLookup)} s ago`);
}

/** Events and CDRs tell of the same legs: where one of them is missing, so is a part of every call. */
function checkTraces(to: Findings, facts: NodeFacts): void {
  const { heard, heardWithCdr, posted, postedWithEvents, lastCdr } = facts;
  const lacksCdrs = heard >= ENOUGH && heardWithCdr < 0.9 * heard;
  const lacksEvents = posted >= ENOUGH && postedWithEvents < 0.9 * posted;
  if (lacksCdrs)
    to.failed(`only ${heardWithCdr} of ${heard} legs of the last hour have a CDR`, 'see the runbook CdrGap');
  if (lacksEvents)
    to.failed(
      `only ${postedWithEvents} of ${posted} CDRs of the last hour had events`,
      'is it followed all the time? See the runbooks NodeDown and CollectorDroppingEvents',
    );
  if (!lacksCdrs && !lacksEvents && heard >= ENOUGH)
    to.ok(`events and CDRs agree: ${heardWithCdr} of ${heard} legs of the last hour have both`);
  else if (heard < ENOUGH && lastCdr === null)
    to.warning('no CDR in the last day', 'has it had calls? Else see the runbook CdrGap');
}
