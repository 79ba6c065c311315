import { type Finding, findings, type Gathered } from './check.ts';

/** What a node says over its event socket. */
export interface NodeAnswers {
  switchname: string;
  /** its clock minus ours, seconds; null when it does not say */
  clockOffset: number | null;
  /** of mod_xml_curl and mod_xml_cdr; null when it does not say */
  modules: Readonly<Record<string, boolean | null>>;
}

export interface NodeFacts {
  switchname: string;
  state: string;
  /** null: a disabled node is not asked */
  answers: Gathered<NodeAnswers> | null;
  /** of legs that ended in the last hour, but for the last minutes, and how many of them have a CDR */
  ended: number;
  withCdr: number;
  /** seconds since its last CDR was stored; null when there is none in the last day */
  lastCdr: number | null;
}

const SKEW_S = 0.5;
/** Fewer legs say nothing about the share of them. */
const ENOUGH = 20;

/** Judges one node. */
export function checkNode({ switchname, state, answers, ended, withCdr, lastCdr }: NodeFacts): Finding[] {
  const { found, ok, warning, failed } = findings(`node ${switchname}`);
  if (answers === null) {
    warning(`is ${state}`, 'nobody follows it and it gets no calls');
    return found;
  }
  if ('problem' in answers) failed(answers.problem, 'see the runbooks NodeDown and NodeRefused');
  else {
    const { value } = answers;
    if (value.switchname !== switchname)
      failed(
        `calls itself ${value.switchname}`,
        `add it under that name, or set switchname to ${switchname} in its switch.conf.xml`,
      );
    else ok('event socket, login and name');
    if (value.clockOffset !== null && Math.abs(value.clockOffset) > SKEW_S)
      warning(
        `its clock is ${value.clockOffset.toFixed(1)} s from ours`,
        "a time server, then fs_cli -x 'fsctl sync_clock'",
      );
    for (const [name, isLoaded] of Object.entries(value.modules))
      if (isLoaded === false)
        failed(`${name} is not loaded`, `fs_cli -x 'load ${name}', and modules.conf.xml`);
  }
  if (ended >= ENOUGH && withCdr < 0.9 * ended)
    failed(`only ${withCdr} of ${ended} legs of the last hour have a CDR`, 'see the runbook CdrGap');
  else if (ended >= ENOUGH) ok(`${withCdr} of ${ended} legs of the last hour have a CDR`);
  else if (lastCdr === null)
    warning('no CDR in the last day', 'has it had calls? Else see the runbook CdrGap');
  if (state !== 'active')
    warning(`is ${state}`, `switchfleet node undrain ${switchname} gives it calls again`);
  return found;
}
