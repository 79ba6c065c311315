import type { StoredServiceStatus } from '../../../../libs/store/service-status.ts';
import { type Finding, findings, type Gathered } from './check.ts';

const NEEDED = ['api', 'cdr', 'collector', 'directory', 'merger', 'routing', 'writer'];
/** Each instance writes every 5 s. */
const SILENT_S = 30;
const LAG_S = 60;

/** Judges what the instances say of themselves in service_status; `version` is that of this command. */
export function checkServices(
  gathered: Gathered<readonly StoredServiceStatus[]>,
  version: string,
): Finding[] {
  const { found, ok, warning, failed } = findings('services');
  if ('problem' in gathered) {
    warning('unknown: the database does not say', 'mend the database first');
    return found;
  }
  const alive = gathered.value.filter(({ silentSeconds }) => silentSeconds < SILENT_S);
  const missing = NEEDED.filter((name) => !alive.some(({ service }) => service === name));
  if (missing.length > 0)
    failed(`no instance runs of ${missing.join(', ')}`, 'start one; its log says why it ended');
  else ok(`${alive.length} instances run`);
  for (const { service, instance, silentSeconds } of gathered.value)
    if (silentSeconds >= SILENT_S && silentSeconds < 3_600)
      warning(
        `${service} ${instance} was last heard ${Math.round(silentSeconds)} s ago`,
        'did it die? One that stops takes its row along',
      );
  for (const { service, instance, health, lagSeconds, version: own } of alive) {
    if (!health.ready) failed(`${service} ${instance} is not ready`, health.reasons.join('; '));
    if (lagSeconds !== null && lagSeconds > LAG_S)
      warning(`${service} ${instance} is ${Math.round(lagSeconds)} s behind`, 'see the runbook ConsumerLag');
    if (own !== version)
      warning(`${service} ${instance} is release ${own}, this command ${version}`, 'finish the upgrade');
  }
  return found;
}
