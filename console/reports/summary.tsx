import type { Figures, KpiLine } from '../api/shapes.ts';
import { formatSeconds } from '../time/duration.ts';

type Show = (figures: Figures) => readonly [value: string, unit: string] | null;

const fixed = (value: number | null, digits: number, unit: string): ReturnType<Show> =>
  value === null ? null : [value.toFixed(digits), unit];

const SHOWN: readonly (readonly [name: string, meaning: string, show: Show])[] = [
  ['Attempts', 'calls that ended', ({ attempts }) => [String(attempts), '']],
  ['ASR', 'answer-seizure ratio', ({ asr }) => fixed(asr, 1, '%')],
  ['ACD', 'average call duration', ({ acd }) => (acd === null ? null : [formatSeconds(acd), ''])],
  ['NER', 'network effectiveness', ({ ner }) => fixed(ner, 1, '%')],
  ['PDD p95', 'post-dial delay', ({ pdd_p95_ms }) => fixed(pdd_p95_ms, 0, 'ms')],
  ['Talk', 'of answered calls', ({ minutes }) => fixed(minutes, 1, 'min')],
  ['MOS', 'mean opinion score', ({ mos }) => fixed(mos, 2, '')],
];

/** The figures of the whole time, each with that of the time before. */
export function Summary({ line: { figures, before } }: { line: KpiLine }) {
  return (
    <dl class="totals">
      {SHOWN.map(([name, meaning, show]) => (
        <div key={name}>
          <dt>
            {name} <span class="unit">{meaning}</span>
          </dt>
          <dd>
            {show(figures)?.[0] ?? '–'} <span class="unit">{show(figures)?.[1]}</span>
            <span class="unit before">
              before: {before == null ? '–' : (show(before)?.join(' ').trim() ?? '–')}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
