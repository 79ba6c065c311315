/** A target of the dispatcher and whether Kamailio sends calls there. */
export interface DispatcherTarget {
  setId: number;
  destination: string;
  /** Kamailio's letters: A active, T trying, I inactive, D disabled; then P pinged or X */
  flags: string;
  isActive: boolean;
}

/**
 * The answer of `dispatcher.list`: `{"RECORDS":[{"SET":{"ID":1,"TARGETS":[{"DEST":{"URI":"sip:…","FLAGS":"AP"}}]}}]}`
 * (5.6). What is not of this shape is left out.
 */
export function readTargets(result: unknown): DispatcherTarget[] {
  return listOf(result, 'RECORDS').flatMap((record) => {
    const set = fieldOf(record, 'SET');
    const setId = Number(fieldOf(set, 'ID'));
    if (!Number.isInteger(setId)) return [];
    return listOf(set, 'TARGETS').flatMap((target) => toTarget(setId, fieldOf(target, 'DEST')));
  });
}

function toTarget(setId: number, value: unknown): DispatcherTarget[] {
  const destination = fieldOf(value, 'URI');
  const flags = fieldOf(value, 'FLAGS');
  if (typeof destination !== 'string' || typeof flags !== 'string') return [];
  return [{ setId, destination, flags, isActive: flags.startsWith('A') }];
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

function listOf(value: unknown, field: string): unknown[] {
  const list = fieldOf(value, field);
  return Array.isArray(list) ? list : [];
}
