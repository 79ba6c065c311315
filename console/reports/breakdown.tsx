import { useState } from 'preact/hooks';
import type { Kpis } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import type { KpiLine } from '../api/shapes.ts';
import { toCsv } from '../parts/csv.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { saveFile } from '../parts/save-file.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { formatSeconds } from '../time/duration.ts';
import { nameCountry } from './country.ts';

const MOST = 50;

/** By what the calls of a report can be told apart, and where the api answers it. */
const VIEWS: Readonly<Record<string, { label: string; path: string; more: Record<string, string> }>> = {
  cause: { label: 'Hangup cause', path: 'hangup-causes', more: {} },
  tenant: { label: 'Tenant', path: 'kpis', more: { by: 'tenant' } },
  trunk: { label: 'Trunk', path: 'kpis', more: { by: 'trunk' } },
  node: { label: 'First server', path: 'kpis', more: { by: 'node' } },
  did: { label: 'DID', path: 'kpis', more: { by: 'did' } },
  country: { label: 'Country, outbound', path: 'destinations', more: { by: 'country' } },
  prefix: { label: 'Prefix, outbound', path: 'destinations', more: { by: 'prefix' } },
};

/** The same figures, told apart by one thing. */
export function Breakdown({ params }: { params: URLSearchParams }) {
  const { api } = useSession();
  const [by, setBy] = useState('cause');
  const view = VIEWS[by];
  const query = new URLSearchParams([
    ...params,
    ...Object.entries(view?.more ?? {}),
    ['limit', String(MOST)],
  ]);
  const resource = useResource(`${by} ${query}`, (signal) =>
    api.ask<Kpis>(`/v1/reports/${view?.path ?? 'kpis'}?${query}`, { signal }),
  );
  return (
    <section aria-label="Breakdown">
      <p class="choices">
        <label>
          By{' '}
          <select aria-label="By" value={by} onChange={(event) => setBy(event.currentTarget.value)}>
            {Object.entries(VIEWS).map(([name, { label }]) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </p>
      <ResourceView resource={resource}>
        {({ items, more }) =>
          items.length === 0 ? (
            <Empty title="Nothing to tell apart" />
          ) : (
            <Lines lines={items} label={view?.label ?? ''} more={more} />
          )
        }
      </ResourceView>
    </section>
  );
}

function Lines({ lines, label, more }: { lines: readonly KpiLine[]; label: string; more: boolean }) {
  const most = Math.max(1, ...lines.map(({ figures }) => figures.attempts));
  const sorted = lines.toSorted((a, b) => b.figures.attempts - a.figures.attempts);
  return (
    <>
      <ScrollBox label={`Figures by ${label}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">{label}</th>
              <th scope="col" class="number">
                Attempts
              </th>
              <th scope="col" class="number">
                ASR, %
              </th>
              <th scope="col" class="number">
                ACD
              </th>
              <th scope="col" class="number">
                NER, %
              </th>
              <th scope="col" class="number">
                PDD p95, ms
              </th>
              <th scope="col" class="number">
                Talk, min
              </th>
              <th scope="col" class="number">
                MOS
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((line) => (
              <Line key={JSON.stringify(line.by)} line={line} most={most} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p class="choices">
        <button
          type="button"
          class="copy"
          onClick={() => takeAlong(sorted, label)}
          aria-label={`Figures by ${label} as CSV`}
        >
          CSV
        </button>
        {more && <span class="quiet">Only the first {MOST} are shown.</span>}
      </p>
    </>
  );
}

function takeAlong(lines: readonly KpiLine[], label: string): void {
  const head = [label, 'attempts', 'ASR (%)', 'ACD (s)', 'NER (%)', 'PDD p95 (ms)', 'talk (min)', 'MOS'];
  const rows = lines.map(({ by, figures: f }) => [
    nameOf(by),
    ...[f.attempts, f.asr, f.acd, f.ner, f.pdd_p95_ms, f.minutes, f.mos],
  ]);
  const name = `by-${label.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.csv`;
  saveFile({ name, type: 'text/csv', text: toCsv([head, ...rows]) });
}

const nameOf = (by: KpiLine['by']): string =>
  Object.entries(by)
    .map(([dimension, value]) => (dimension === 'country' ? nameCountry(value ?? '') : value) || 'none')
    .join(', ');

function Line({ line: { by, figures }, most }: { line: KpiLine; most: number }) {
  const name = nameOf(by);
  return (
    <tr>
      <th scope="row" class="text">
        {name}
      </th>
      <td class="number">
        <span class="fill">
          <meter min={0} max={most} value={figures.attempts} aria-hidden="true" />
          {figures.attempts}
        </span>
      </td>
      <td class="number">{figures.asr?.toFixed(1) ?? '–'}</td>
      <td class="number">{figures.acd === null ? '–' : formatSeconds(figures.acd)}</td>
      <td class="number">{figures.ner?.toFixed(1) ?? '–'}</td>
      <td class="number">{figures.pdd_p95_ms?.toFixed(0) ?? '–'}</td>
      <td class="number">{figures.minutes.toFixed(1)}</td>
      <td class="number">{figures.mos?.toFixed(2) ?? '–'}</td>
    </tr>
  );
}
