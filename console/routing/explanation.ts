/** What was decided, as far as it is read here. */
export interface Decision {
  result?: string;
  code?: number;
  reason?: string;
  degraded?: boolean;
  legs?: { kind: string; user?: string; host?: string; choice?: Record<string, unknown> }[];
}

/** The decision in sentences, the first choice first. */
export function tellDecision({ result, code, reason, legs = [], degraded }: Decision): string[] {
  if (result === 'reject') return [`Rejected: ${code ?? ''} ${reason ?? ''}`.trim()];
  const told = legs.map((leg, index) => `${index === 0 ? 'Goes to' : 'then to'} ${placeOf(leg)}`);
  if (told.length === 0) return ['Nothing was chosen'];
  return degraded === true ? [...told, 'Decided without fresh load: it is older than it should be'] : told;
}

function placeOf({ kind, user, host, choice = {} }: NonNullable<Decision['legs']>[number]): string {
  if (kind === 'node') return `node ${String(choice['node'])}, as ${user ?? ''}@${host ?? ''}`;
  return `trunk ${String(choice['trunk'])}, as ${String(choice['uri'])}`;
}
