import type { Tone } from './tone.ts';

const SHAPES: Readonly<Record<Tone, string>> = {
  good: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Z',
  busy: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 2.2v7.6a3.8 3.8 0 0 0 0-7.6Z',
  warn: 'M8 1.5 15 14H1Z',
  bad: 'M2.5 2.5h11v11h-11Z',
  off: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 2a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
};

/** A shape in a colour, and the word for it. */
export function Mark({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span class={`mark ${tone}`}>
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
        <path d={SHAPES[tone]} fill-rule="evenodd" />
      </svg>
      {children}
    </span>
  );
}
