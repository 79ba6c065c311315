import type { CallDecision, CallRoute, Leg } from '../routing/call-decision.ts';
import { userPart } from '../routing/trunk-choice.ts';
import { headerLines, type RtjsonDocument, type RtjsonRoute } from './rtjson.ts';

/** Headers that our servers tell each other by; callers' own ones are removed by kamailio.cfg. */
export const TRUNK_HEADER = 'X-Switchfleet-Trunk';
export const PIN_HEADER = 'X-Switchfleet-Pin';
const DID_HEADER = 'X-Switchfleet-Did';
const DEST_TYPE_HEADER = 'X-Switchfleet-Dest-Type';
const GATEWAY_HEADER = 'X-Switchfleet-Gateway';

/** A node on the same network answers at once; a carrier may be far. Milliseconds. */
const NODE_FR_MS = 1_500;
const TRUNK_FR_MS = 4_000;
const RING_MS = 120_000;

export interface DocumentOptions {
  correlationHeader: string;
  /** joins the legs of the call; the same for every try */
  correlationId: string;
  /** the request carries the correlation header already, so the routes don't add it */
  isCorrelated: boolean;
}

/** What every answer about a call says beside the routes. */
interface Told {
  kind: CallDecision['kind'];
  domain: string | null;
  tenant: string | null;
  did: string | null;
  /** who sent the request: node, proxy, trunk, or nobody of ours */
  source: string;
  /** the trunk that the request came in by, else empty */
  trunk: string;
  degraded: boolean;
  correlation_id: string;
}

/** `caller_id`: who calls, where the trunk's route says that. */
type Route = RtjsonRoute & { node: string; trunk: string; caller_id?: string };
/** `direct`: the call may lead to a carrier, so that no node need be between it and the caller. */
export type CallDocument =
  | (Omit<RtjsonDocument, 'routes'> & { routes: Route[]; direct: boolean } & Told)
  | ({ version: '1.0'; result: 'reject'; code: number; reason: string } & Told);

/** A decision as Kamailio gets it: rtjson with what we say beside it, or a reject with code and reason. */
export function callDocument(decision: CallDecision, options: DocumentOptions): CallDocument {
  const told = toldOf(decision, options);
  if (decision.result === 'reject') {
    return { version: '1.0', result: 'reject', code: decision.code, reason: decision.reason, ...told };
  }
  const correlation: [string, string][] = options.isCorrelated
    ? []
    : [[options.correlationHeader, options.correlationId]];
  const nodeHeaders = headerLines([...correlation, ...callHeaders(decision)]);
  const routes = decision.legs.map((leg) =>
    leg.kind === 'node' ? nodeRoute(leg, nodeHeaders) : trunkRoute(leg, correlation),
  );
  const direct = decision.legs.some((leg) => leg.kind === 'trunk');
  return { version: '1.0', result: 'route', routing: 'serial', routes, direct, ...told };
}

function toldOf(decision: CallDecision, { correlationId }: DocumentOptions): Told {
  const { kind, domain, tenant, source, degraded } = decision;
  return {
    kind,
    domain: domain ?? null,
    tenant: tenant ?? null,
    did: decision.result === 'route' ? (decision.did ?? null) : null,
    source: source?.kind ?? 'caller',
    trunk: source?.kind === 'trunk' ? source.name : '',
    degraded,
    correlation_id: correlationId,
  };
}

/** What every node of the call is told about it. */
function callHeaders({ legs, source, did, pin }: CallRoute): [string, string][] {
  const headers: [string, string][] = [];
  const destType = legs.find((leg) => leg.kind === 'node')?.destType;
  if (source?.kind === 'trunk' && source.name !== '') headers.push([TRUNK_HEADER, source.name]);
  if (did !== undefined) headers.push([DID_HEADER, did]);
  if (destType !== undefined) headers.push([DEST_TYPE_HEADER, destType]);
  if (pin !== undefined) headers.push([PIN_HEADER, pin]);
  return headers;
}

function nodeRoute({ choice, user, host }: Extract<Leg, { kind: 'node' }>, extra: string): Route {
  return {
    uri: `sip:${userPart(user)}@${host}`,
    dst_uri: choice.sip_uri,
    ...(extra === '' ? {} : { headers: { extra } }),
    fr_timer: NODE_FR_MS,
    fr_inv_timer: RING_MS,
    node: choice.node,
    trunk: '',
  };
}

function trunkRoute(
  { choice, headers: own, host }: Extract<Leg, { kind: 'trunk' }>,
  headers: [string, string][],
): Route {
  const all = [...headers, ...Object.entries(own)];
  if (choice.node !== null) all.push([GATEWAY_HEADER, choice.trunk]);
  const extra = headerLines(all);
  // Without the quotes Kamailio leaves the caller's own name there.
  const from =
    choice.caller_id === null ? undefined : { display: '""', uri: `sip:${choice.caller_id}@${host}` };
  return {
    uri: choice.uri,
    dst_uri: choice.dst_uri,
    ...(extra === '' && from === undefined
      ? {}
      : { headers: { ...(from && { from }), ...(extra && { extra }) } }),
    fr_timer: TRUNK_FR_MS,
    fr_inv_timer: RING_MS,
    node: choice.node ?? '',
    trunk: choice.trunk,
    ...(choice.caller_id === null ? {} : { caller_id: choice.caller_id }),
  };
}
