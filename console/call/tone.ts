import type { Call } from '../api/shapes.ts';
import type { Tone } from '../parts/tone.ts';

const TONES: Readonly<Record<string, Tone>> = {
  answered: 'good',
  busy: 'off',
  'no-answer': 'off',
  cancelled: 'off',
  failed: 'bad',
  interrupted: 'warn',
};

/** How a call went, at a glance. */
export function dispositionTone({ state, disposition }: Pick<Call, 'state' | 'disposition'>): Tone {
  if (state === 'live') return 'busy';
  return TONES[disposition ?? ''] ?? 'off';
}
