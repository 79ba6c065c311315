import { element, renderDocument, type Xml } from '../../libs/freeswitch/xml/element.ts';
import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { type Answer, NOTHING_TO_SAY } from './answers.ts';
import type { Surroundings } from './surroundings.ts';

const NETWORK = /^[0-9a-fA-F.:]+\/\d{1,3}$/;

/**
 * `acl.conf`: the lists `nodes` and `kamailio` (addresses of our servers) and `domains` (addresses that let a user in
 * without a password: FreeSWITCH asks for each domain's users itself). Everything else is "not found", so that the
 * node's own files count.
 */
export function answerConfiguration(form: LookupForm, { model }: Surroundings): Answer {
  if (form.get('key_value') !== 'acl.conf') return NOTHING_TO_SAY;
  const domains = [...model.users.domainsWithCidrs()]
    .filter((name) => model.domains.get(name)?.enabled)
    .sort()
    .map((domain) => element('node', { type: 'allow', domain }));
  const lists: [string, Xml[]][] = [
    ['nodes', allowed(model.fleet.nodeNetworks())],
    ['kamailio', allowed(model.fleet.proxyNetworks())],
    ['domains', domains],
  ];
  // A fleet that nobody has described yet leaves FreeSWITCH its own lists.
  if (lists.every(([, nodes]) => nodes.length === 0)) return NOTHING_TO_SAY;
  const configuration = element('configuration', { name: 'acl.conf', description: 'switchfleet' }, [
    element(
      'network-lists',
      {},
      lists.map(([name, nodes]) => element('list', { name, default: 'deny' }, nodes)),
    ),
  ]);
  return {
    kind: 'configuration',
    xml: renderDocument(element('section', { name: 'configuration' }, [configuration])),
  };
}

function allowed(networks: readonly string[]): Xml[] {
  return networks
    .filter((network) => NETWORK.test(network))
    .map((cidr) => element('node', { type: 'allow', cidr }));
}
