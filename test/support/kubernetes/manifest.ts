/** A port of a container, a Service or a policy: its number, or the name of a container's. */
type PortName = number | string;

export interface Probe {
  httpGet: { path: string; port: string };
  failureThreshold?: number;
  periodSeconds: number;
}

export interface Container {
  name: string;
  image: string;
  args: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
  envFrom?: { configMapRef?: { name: string }; secretRef?: { name: string } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  resources: { limits: Record<string, string> };
  lifecycle?: { preStop: { sleep: { seconds: number } } };
  volumeMounts: { name: string; mountPath: string }[];
  securityContext: { readOnlyRootFilesystem: boolean };
}

export interface Pod {
  terminationGracePeriodSeconds: number;
  automountServiceAccountToken: boolean;
  topologySpreadConstraints?: { topologyKey: string }[];
  volumes: { name: string; secret?: { secretName: string; items: { key: string; path: string }[] } }[];
  containers: Container[];
}

export interface PolicyPeer {
  podSelector?: {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; values: string[] }[];
  };
  namespaceSelector?: object;
  ipBlock?: { cidr: string };
}

/** What tests read of the manifests, of whatever kind. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  data?: Record<string, string>;
  spec: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> } & Record<string, unknown>;
    scaleTargetRef?: { name: string };
    maxReplicaCount?: number;
    ports?: { port: number; targetPort: PortName }[];
    podSelector?: NonNullable<PolicyPeer['podSelector']>;
    ingress?: { from?: PolicyPeer[]; ports?: { port: PortName }[] }[];
    egress?: { to?: PolicyPeer[]; ports?: { port: PortName }[] }[];
    template?: { metadata: { labels: Record<string, string> }; spec: Pod };
    [other: string]: unknown;
  };
}

/** Everything a pod gets of its environment by name; values are empty where a Secret holds them. */
export function environmentOf(container: Container, manifests: readonly Manifest[]): Map<string, string> {
  const variables = new Map<string, string>();
  for (const { configMapRef } of container.envFrom ?? []) {
    const found = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name,
    );
    for (const [name, value] of Object.entries(found?.data ?? {})) variables.set(name, value);
  }
  for (const { name, value = '' } of container.env ?? []) variables.set(name, value);
  return variables;
}
