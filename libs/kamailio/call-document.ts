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

type Route = RtjsonRoute & { node: string; trunk: string };
export type CallDocument =
  | (Omit<RtjsonDocument, 'routes'> & { routes: Route[] } & Told)
  | ({ version: '1.0'; result: 'reject'; code: number; reason: string } & Told);

/** A decision as Kamailio gets it: rtjson with what we say beside it, or a reject with code and reason. */
export function callDocument(decision: CallDecision, options: DocumentOptions): CallDocument {
  const told = toldOf(decision, options);
  if (decision.result === 'reject') {
    return { version: '1.0', result: 'reject', code: decision.code, reason: decision.reason, ...told };
  }
  const routes = decision.legs.map((leg) => routeOf(decision, leg, options));
  return { version: '1.0', result: 'route', routing: 'serial', routes, ...told };
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

function routeOf(decision: CallRoute, leg: Leg, options: DocumentOptions): Route {
  const correlation: [string, string][] = options.isCorrelated
    ? []
    : [[options.correlationHeader, options.correlationId]];
  if (leg.kind === 'node') return nodeRoute(decision, leg, correlation);
  return trunkRoute(leg, correlation);
}

function nodeRoute(
  decision: CallRoute,
  leg: Extract<Leg, { kind: 'node' }>,
  headers: [string, string][],
): Route {
  const { choice, user, host, destType } = leg;
  if (decision.source?.kind === 'trunk') headers.push([TRUNK_HEADER, decision.source.name]);
  if (decision.did !== undefined) headers.push([DID_HEADER, decision.did]);
  if (destType !== undefined) headers.push([DEST_TYPE_HEADER, destType]);
  if (decision.pin !== undefined) headers.push([PIN_HEADER, decision.pin]);
  return {
    uri: `sip:${userPart(user)}@${host}`,
    dst_uri: choice.sip_uri,
    ...(headers.length === 0 ? {} : { headers: { extra: headerLines(headers) } }),
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
  const from =
    choice.caller_id === null ? undefined : { display: '', uri: `sip:${choice.caller_id}@${host}` };
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
  };
}
