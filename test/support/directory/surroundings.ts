import { createSecretBox } from '../../../libs/sealing/secret-box.ts';
import type { DirectoryModel } from '../../../services/directory/model/directory-model.ts';
import type { Surroundings } from '../../../services/directory/surroundings.ts';
import { SECRETS_KEY } from './provisioned.ts';

/** The moment at which tests ask: a Saturday, 2026-11-21 09:00 UTC. */
export const NOW_US = Date.UTC(2026, 10, 21, 9) * 1000;

/** The id that every new call gets in tests. */
export const FRESH_ID = '3f0e2a52-6a51-4f8e-9f8f-2f4c3f1f0a11';

const box = createSecretBox(SECRETS_KEY);

/** Seals a secret as the database holds it. */
export const sealed = (text: string): string => box.seal(text);

function openOrNot(text: string): string | undefined {
  try {
    return box.open(text);
  } catch {
    return undefined;
  }
}

/** What a directory answers from, around a model. */
export function surroundingsOf(model: DirectoryModel, values: Partial<Surroundings> = {}): Surroundings {
  return {
    model,
    nowUs: NOW_US,
    newId: () => FRESH_ID,
    openSecret: openOrNot,
    forwardVia: 'node',
    correlationHeader: 'X-Call-Correlation-ID',
    ...values,
  };
}
