import { isInert } from '../../libs/freeswitch/inert-text.ts';
import { element, pairs, renderDocument, type Xml } from '../../libs/freeswitch/xml/element.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { hostInUri } from '../../libs/network/uri-host.ts';
import type { GatewayRow } from '../../libs/snapshot/tables/gateways.ts';
import { type Answer, NOTHING_TO_SAY, UNKNOWN } from './answers.ts';
import { isFitHost, isFitName } from './fit-name.ts';
import type { Surroundings } from './surroundings.ts';
import { CLOSED } from './user-params.ts';

/** Trunks belong to tenants and not to domains: where a profile reads all domains, they stand under this one. */
const ANY_DOMAIN = 'trunks.switchfleet.invalid';

/**
 * The trunks that the asking node registers, for the SIP profile that asks, in the one place where FreeSWITCH looks:
 * `domain/groups/group/users/user/gateways`. It reads them where the profile's `<domain>` says `parse="true"`.
 */
export function answerGateways(form: LookupForm, surroundings: Surroundings): Answer {
  const { model } = surroundings;
  const name = form.get('key_value') ?? '';
  const domain = name === '' ? undefined : model.domains.get(name);
  if (name !== '' && domain === undefined) return UNKNOWN;
  if (domain !== undefined && !domain.enabled) return NOTHING_TO_SAY;
  const profile = form.get('profile') ?? '';
  const users = model.fleet
    .gatewaysOf(form.get('hostname') ?? '')
    .filter(({ sip_profile: own }) => own === null || own === profile)
    .filter(({ tenant }) => domain === undefined || tenant === null || tenant === domain.tenant)
    .flatMap((gateway) => gatewayUser(gateway, surroundings));
  if (users.length === 0) return NOTHING_TO_SAY;
  const group = element('group', { name: 'default' }, [element('users', {}, users)]);
  const entry = element('domain', { name: domain?.key ?? ANY_DOMAIN }, [element('groups', {}, [group])]);
  return { kind: 'gateways', xml: renderDocument(element('section', { name: 'directory' }, [entry])) };
}

function gatewayUser(gateway: GatewayRow, surroundings: Surroundings): Xml[] {
  const values = paramsOf(gateway, surroundings);
  if (values === undefined) return [];
  const entry = element('gateway', { name: gateway.key }, pairs('param', values));
  return [element('user', { id: `trunk-${gateway.key}` }, [CLOSED, element('gateways', {}, [entry])])];
}

const TRANSPORTS: ReadonlySet<string> = new Set(['udp', 'tcp', 'tls']);

/** Undefined: a value is not fit for FreeSWITCH, or the password cannot be read; half a gateway would only fail. */
function paramsOf(
  gateway: GatewayRow,
  { openSecret }: Surroundings,
): (readonly [string, string])[] | undefined {
  const { key, host, port, transport, auth_username: user, auth_realm: realm } = gateway;
  const sealed = gateway.auth_password_encrypted;
  const password = sealed === null ? '' : openSecret(sealed);
  const isFit = isFitName(key) && isFitHost(host) && TRANSPORTS.has(transport);
  const isQuiet = isInert(user ?? '') && isInert(realm ?? '');
  if (!isFit || !isQuiet || password === undefined) return undefined;
  const address = `${hostInUri(host)}:${port}`;
  const params: [string, string | null][] = [
    ['username', user ?? key],
    ['password', password],
    ['realm', realm ?? host],
    ['proxy', address],
    ['register', 'true'],
    ['register-transport', transport],
    // The carrier's calls come in under the number that was dialled: a request to our Contact (gw+NAME) has it in To only.
    // Without this it would be the account's user name.
    ['extension', 'auto'],
    ['caller-id-in-from', 'true'],
  ];
  return params.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}
