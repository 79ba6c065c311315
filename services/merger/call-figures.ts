import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/min';
import { Counter, Histogram, type Registry } from 'prom-client';
import { type NumberingPlan, toE164 } from '../../libs/numbering/e164.ts';
import { boundedNames } from '../../libs/telemetry/bounded-names.ts';

/** What the figures are made of. */
export interface CountedCall {
  tenant: string | null;
  domain: string | null;
  direction: 'inbound' | 'outbound' | 'internal' | null;
  callee: string | null;
  trunk: string | null;
  answer_us: number | null;
  billsec: number | null;
  pdd_ms: number | null;
  hangup_cause: string | null;
  mos: number | null;
}

/** Values of each label that have series of their own; later ones are counted together as `other`. */
const BOUNDS = { tenants: 200, trunks: 100, pairs: 500, causes: 80 };
/** An answered call that is over sooner says that nobody wanted to talk: a trap, a test of numbers, a robot. */
const SHORT_S = 6;
const PDD_S = [0.25, 0.5, 1, 2, 3, 4, 6, 8, 11, 15, 20, 30];
const MOS = [1.5, 2, 2.5, 3, 3.3, 3.6, 3.8, 4, 4.2, 4.4];

type PlanOf = (domain: string) => NumberingPlan | undefined;

/**
 * Registers what calls were like, by tenant and trunk. `count` takes each call once, when it is finished: a call that is
 * corrected later is not counted again.
 */
export function createCallFigures(
  metrics: Registry,
): (calls: readonly CountedCall[], planOf: PlanOf) => void {
  const registers = [metrics];
  const labelNames = ['tenant', 'trunk'] as const;
  const counter = <L extends string>(name: string, help: string, labels: readonly L[]) =>
    new Counter({ name: `switchfleet_${name}_total`, help, labelNames: [...labels], registers });
  const attempts = counter('calls', 'Calls that ended', [...labelNames, 'direction']);
  const answered = counter('calls_answered', 'Calls that ended and were answered', [
    ...labelNames,
    'direction',
  ]);
  const talked = counter('call_talk_seconds', 'Seconds from answer to end', labelNames);
  const causes = counter('call_hangup_causes', 'Calls that ended, by hangup cause', [
    'tenant',
    'trunk',
    'cause',
  ]);
  const short = counter('calls_short', 'Answered calls of less than 6 seconds', ['tenant']);
  const abroad = counter(
    'call_international_seconds',
    "Seconds of talk on outbound calls to numbers outside the country of the caller's domain",
    ['tenant'],
  );
  const pdd = new Histogram({
    name: 'switchfleet_call_pdd_seconds',
    help: 'Post-dial delay: until the first leg rang, heard something or was answered',
    ...{ labelNames, buckets: PDD_S, registers },
  });
  const mos = new Histogram({
    name: 'switchfleet_call_mos',
    help: 'Mean opinion score of the worst leg of a call that received audio, 1 to 5',
    ...{ labelNames, buckets: MOS, registers },
  });
  const bounded = createBounds();

  return (calls, planOf) => {
    for (const call of calls) {
      const { tenant, trunk } = bounded.pair(call);
      const pair = { tenant, trunk };
      const direction = call.direction ?? '';
      attempts.inc({ ...pair, direction });
      causes.inc({ ...pair, cause: bounded.cause(call.hangup_cause) });
      if (call.pdd_ms !== null) pdd.observe(pair, call.pdd_ms / 1000);
      if (call.mos !== null) mos.observe(pair, call.mos);
      if (call.answer_us === null) continue;
      const seconds = Math.max(0, call.billsec ?? 0);
      answered.inc({ ...pair, direction });
      talked.inc(pair, seconds);
      if (seconds < SHORT_S) short.inc({ tenant });
      if (isInternational(call, planOf)) abroad.inc({ tenant }, seconds);
    }
  };
}

/** Tenants and trunks are bounded each, and so are their pairs: a busy fleet has few of all that could be. */
function createBounds() {
  const tenantOf = boundedNames(BOUNDS.tenants);
  const trunkOf = boundedNames(BOUNDS.trunks);
  const pairOf = boundedNames(BOUNDS.pairs);
  return {
    cause: boundedNames(BOUNDS.causes),
    pair: (call: Pick<CountedCall, 'tenant' | 'trunk'>) => {
      const tenant = tenantOf(call.tenant);
      const trunk = trunkOf(call.trunk);
      const key = `${tenant} ${trunk}`;
      return pairOf(key) === key ? { tenant, trunk } : { tenant, trunk: 'other' };
    },
  };
}

/** By the calling code: islands that share that of their mainland are no foreign country. Unknown is no. */
function isInternational({ direction, domain, callee }: CountedCall, planOf: PlanOf): boolean {
  const plan = domain === null ? undefined : planOf(domain);
  if (direction !== 'outbound' || callee === null || plan?.country === undefined) return false;
  if (!isSupportedCountry(plan.country)) return false;
  const number = toE164(callee, plan);
  return number !== undefined && !number.startsWith(`+${getCountryCallingCode(plan.country)}`);
}
