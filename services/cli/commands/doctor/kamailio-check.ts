import { messageOf } from '../../../../libs/errors/coded-error.ts';
import { type DispatcherTarget, readTargets } from '../../../../libs/kamailio/dispatcher-targets.ts';
import { callKamailio } from '../../../../libs/kamailio/json-rpc.ts';
import type { Pool } from '../../../../libs/postgres/database.ts';
import { type Finding, findings, type Gathered } from './check.ts';

export interface KamailioFacts {
  name: string;
  targets: Gathered<readonly DispatcherTarget[]>;
  /** SIP URIs of the nodes that should take calls */
  wanted: readonly string[];
}

/** Asks every Kamailio with an `rpc_url` for its dispatcher. */
export async function readKamailioFacts(pool: Pool): Promise<KamailioFacts[]> {
  const { rows: proxies } = await pool.query<{ name: string; rpc_url: string }>(
    'select name::text, rpc_url from proxies where rpc_url is not null order by name limit 100',
  );
  const { rows: nodes } = await pool.query<{ sip_uri: string }>(
    `select sip_uri from nodes where state = 'active' and sip_uri is not null order by 1 limit 1000`,
  );
  const wanted = nodes.map(({ sip_uri }) => sip_uri);
  return Promise.all(
    proxies.map(async ({ name, rpc_url }) => ({ name, wanted, targets: await askTargets(rpc_url) })),
  );
}

async function askTargets(url: string): Promise<Gathered<DispatcherTarget[]>> {
  try {
    return { value: readTargets(await callKamailio({ url, method: 'dispatcher.list' })) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Judges one Kamailio. */
export function checkKamailio({ name, targets, wanted }: KamailioFacts): Finding[] {
  const { found, ok, warning, failed } = findings(`kamailio ${name}`);
  if ('problem' in targets) {
    failed(targets.problem, 'see the runbook KamailioUnreachable');
    return found;
  }
  const active = targets.value.filter(({ isActive }) => isActive).length;
  if (active === 0) failed('its dispatcher has no active target', 'see the runbook DispatcherSetDown');
  else ok(`${active} of ${targets.value.length} targets of its dispatcher are active`);
  const known = new Set(targets.value.map(({ destination }) => destination));
  const unknown = wanted.filter((uri) => !known.has(uri));
  if (unknown.length > 0)
    warning(`does not know ${unknown.join(', ')}`, 'kamcmd dispatcher.reload, or make its list file anew');
  return found;
}
