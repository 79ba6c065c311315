import { useMemo } from 'preact/hooks';
import type { Concurrency, Kpis } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { momentsOf, readSpan } from '../calls/span.ts';
import { goTo, usePlace } from '../location.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { at, toInstant } from '../time/instant.ts';
import { useZone } from '../time/zone-choice.tsx';
import { Breakdown } from './breakdown.tsx';
import { Chart } from './chart.tsx';
import { HeatMap } from './heat-map.tsx';
import { concurrencyOf, type Series, seriesOf, stepStart } from './series.ts';
import { SpanChoice } from './span-choice.tsx';
import { Summary } from './summary.tsx';

const DAY_US = 86_400_000_000;
/** A curve by the hour is of no more. */
const MOST_HOURLY_US = 31 * DAY_US;

/** Figures over time: what was attempted, answered, how long it took and how it sounded. */
export function ReportsPage() {
  const zone = useZone();
  const { query } = usePlace();
  const asked = readSpan(query.has('last') || query.has('from') ? query : new URLSearchParams('last=24h'));
  const span = useMemo(() => boundsOf(momentsOf(asked, Date.now() * 1_000)), [query.toString()]);
  const step = span.toUs - span.fromUs > MOST_HOURLY_US ? 'day' : 'hour';
  const params = new URLSearchParams({ from: toInstant(span.fromUs), to: toInstant(span.toUs), tz: zone });
  const zoom = (fromUs: number, toUs: number) =>
    goTo(`/reports?${new URLSearchParams({ from: toInstant(fromUs), to: toInstant(toUs) })}`);
  return (
    <>
      <header class="page-head">
        <h1>Reports</h1>
      </header>
      <SpanChoice key={`${query} ${zone}`} asked={asked} fromUs={span.fromUs} toUs={span.toUs} />
      <Figures params={params} step={step} onZoom={zoom} />
      <Breakdown params={params} />
    </>
  );
}

function boundsOf({ from, to }: { from?: string; to?: string }): { fromUs: number; toUs: number } {
  const toUs = to === undefined ? Date.now() * 1_000 : at(to);
  return { fromUs: from === undefined ? toUs - DAY_US : at(from), toUs };
}

interface FiguresProps {
  params: URLSearchParams;
  step: 'hour' | 'day';
  onZoom: (fromUs: number, toUs: number) => void;
}

function Figures({ params, step, onZoom }: FiguresProps) {
  const { api } = useSession();
  const resource = useResource(`${params} ${step}`, async (signal) => {
    const ask = <T,>(path: string, more: Record<string, string>) =>
      api.ask<T>(`/v1/reports/${path}?${new URLSearchParams([...params, ...Object.entries(more)])}`, {
        signal,
      });
    const [total, steps, concurrency] = await Promise.all([
      ask<Kpis>('kpis', { compare: 'true' }),
      ask<Kpis>('kpis', { step }),
      ask<Concurrency>('concurrency', { step }),
    ]);
    return { total, steps, concurrency };
  });
  return (
    <ResourceView resource={resource} what="Adding up">
      {({ total, steps, concurrency }) => {
        const line = total.items[0];
        if (line === undefined || line.figures.attempts === 0) {
          return (
            <Empty title="No calls in this time">
              <p>Choose a longer time.</p>
            </Empty>
          );
        }
        return (
          <>
            {!total.complete && (
              <p class="old-numbers">
                {total.missing.days} days of this time have calls and no sums:{' '}
                <code>switchfleet rollup rebuild</code> makes them.
              </p>
            )}
            <Summary line={line} />
            <Charts
              series={[...seriesOf(steps, step), concurrencyOf(concurrency, { step, nowUs: nowOf(steps) })]}
              onZoom={onZoom}
            />
            {step === 'hour' ? (
              <HeatMap steps={steps} />
            ) : (
              <p class="quiet after-head">
                When people call, by weekday and hour, is told of 31 days at the most.
              </p>
            )}
          </>
        );
      }}
    </ResourceView>
  );
}

/** By this machine's clock, or by the last call, whichever is later. */
const nowOf = ({ items, tz }: Kpis): number =>
  Math.max(Date.now() * 1_000, ...items.map(({ step }) => (step === null ? 0 : stepStart(step, tz))));

function Charts({ series, onZoom }: { series: readonly Series[]; onZoom: FiguresProps['onZoom'] }) {
  return (
    <div class="charts">
      {series.map((one) => (
        <Chart key={one.name} series={one} onZoom={onZoom} />
      ))}
    </div>
  );
}
