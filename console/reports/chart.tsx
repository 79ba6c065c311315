import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { saveFile } from '../parts/save-file.ts';
import { readMoment } from '../time/zone.ts';
import { alone, pointsOf, type Series, seriesToCsv } from './series.ts';

const HEIGHT = 176;
const LEAST = 240;

interface ChartProps {
  series: Series;
  onZoom: (fromUs: number, toUs: number) => void;
}

/** One figure over time; dragging over it zooms the whole page, its data can be taken along. */
export function Chart({ series, onZoom }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  useEffect(() => draw(box.current, series, (from, to) => zoom.current(from, to)), [series]);
  const { name, unit, values } = series;
  const known = values.filter((value) => value !== null);
  const words =
    known.length === 0
      ? 'nothing was measured'
      : `from ${round(Math.min(...known))} to ${round(Math.max(...known))} ${unit} in ${known.length} steps`;
  return (
    <figure class="chart">
      <figcaption>
        {name} <span class="unit">{unit}</span>
        <button
          type="button"
          class="copy"
          onClick={() => takeAlong(series)}
          aria-label={`Data of ${name} as CSV`}
        >
          CSV
        </button>
      </figcaption>
      <div ref={box} role="img" aria-label={`${name}: ${words}`} />
      {known.length === 0 && <p class="unmeasured">Nothing was measured in this time</p>}
    </figure>
  );
}

function round(value: number): number {
  return Number(value.toFixed(2));
}

function takeAlong(series: Series): void {
  const name = `${series.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`;
  saveFile({ name, type: 'text/csv', text: seriesToCsv(series) });
}

function draw(
  box: HTMLDivElement | null,
  series: Series,
  onZoom: ChartProps['onZoom'],
): (() => void) | undefined {
  if (box === null) return undefined;
  const plot = new uPlot({ ...optionsOf(box, series, onZoom) }, dataOf(series), box);
  const watch = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(LEAST, box.clientWidth), height: HEIGHT }),
  );
  watch.observe(box);
  const theme = matchMedia('(prefers-color-scheme: dark)');
  const redraw = () => plot.redraw();
  theme.addEventListener('change', redraw);
  return () => {
    watch.disconnect();
    theme.removeEventListener('change', redraw);
    plot.destroy();
  };
}

const HOUR_S = 3_600;

function dataOf(series: Series): uPlot.AlignedData {
  const { at, values } = pointsOf(series, series.step === 'day' ? 24 * HOUR_S : HOUR_S);
  return [at, values];
}

/** A canvas knows no custom properties: the colour is asked of an element that has it. */
function colourOf(box: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function optionsOf(
  box: HTMLElement,
  { name, unit, zone, steps, span }: Series,
  onZoom: ChartProps['onZoom'],
): uPlot.Options {
  const ink = () => colourOf(box, '--quiet');
  const grid = { stroke: () => colourOf(box, '--line'), width: 1 };
  const font = '12px system-ui, sans-serif';
  return {
    width: Math.max(LEAST, box.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { range: () => [...span] as [number, number] },
      y: { range: (_plot, _least, most) => [0, niceMost(unit, most)] },
    },
    axes: [
      {
        stroke: ink,
        grid,
        ticks: grid,
        font,
        size: 32,
        values: (_plot, seconds) => seconds.map((second) => tick(second, zone, steps.length)),
      },
      { stroke: ink, grid, ticks: grid, font, size: 56 },
    ],
    series: [
      {},
      {
        label: name,
        stroke: () => colourOf(box, '--accent'),
        width: 2,
        points: {
          show: steps.length < 60,
          // a value without neighbours makes no line: it needs a dot at any number of steps
          filter: (plot, index, show) => (show ? null : alone([...(plot.data[index] ?? [])])),
        },
        spanGaps: false,
      },
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          onZoom(
            Math.floor(plot.posToVal(left, 'x') * 1e6),
            Math.ceil(plot.posToVal(left + width, 'x') * 1e6),
          );
        },
      ],
    },
  };
}

function niceMost(unit: string, most: number): number {
  if (unit === '%') return 100;
  if (unit === '1 to 5') return 5;
  return Math.max(1, most * 1.1);
}

function tick(second: number, zone: string, steps: number): string {
  const { date, time } = readMoment(second * 1_000_000, zone, 'minute');
  return time === '00:00' || steps > 72 ? date.slice(5) : time;
}
