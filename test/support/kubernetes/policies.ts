import type { Manifest, PolicyPeer } from './manifest.ts';

type Labels = Readonly<Record<string, string>>;

/** A pod by its labels in the fleet's namespace, or an address outside. */
export type Party = { labels: Labels } | { namespace: string } | { address: string };

export interface Arrow {
  from: Party;
  to: Party;
  port: number | string;
}

/** Whether the policies let a connection through: where one is about a pod, what none of them allows is refused. */
export function isAllowed(manifests: readonly Manifest[], { from, to, port }: Arrow): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const about = (party: Party, direction: 'Ingress' | 'Egress') =>
    policies.filter(
      ({ spec }) =>
        'labels' in party &&
        selects(spec.podSelector ?? {}, party.labels) &&
        (spec['policyTypes'] as string[]).includes(direction),
    );
  const leaves = about(from, 'Egress');
  const enters = about(to, 'Ingress');
  const mayLeave = leaves
    .flatMap(({ spec }) => spec.egress ?? [])
    .some((rule) => fits(rule.to, to) && opens(rule.ports, port));
  const mayEnter = enters
    .flatMap(({ spec }) => spec.ingress ?? [])
    .some((rule) => fits(rule.from, from) && opens(rule.ports, port));
  return (leaves.length === 0 || mayLeave) && (enters.length === 0 || mayEnter);
}

function opens(ports: { port: number | string }[] | undefined, port: number | string): boolean {
  return ports === undefined || ports.some((one) => one.port === port);
}

function fits(peers: PolicyPeer[] | undefined, party: Party): boolean {
  return peers === undefined || peers.some((peer) => isPeer(peer, party));
}

function isPeer({ podSelector, namespaceSelector, ipBlock }: PolicyPeer, party: Party): boolean {
  if ('labels' in party)
    return (
      namespaceSelector === undefined && ipBlock === undefined && selects(podSelector ?? {}, party.labels)
    );
  if ('namespace' in party)
    return JSON.stringify(namespaceSelector ?? '').includes(
      `"kubernetes.io/metadata.name":"${party.namespace}"`,
    );
  return ipBlock?.cidr === party.address;
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: NonNullable<PolicyPeer['podSelector']>,
  labels: Labels,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, values }) => values.includes(labels[key] ?? ''))
  );
}
