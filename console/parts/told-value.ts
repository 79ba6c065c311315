/** A value of the api as people read it: nothing is a dash, a list its words. */
export function tellValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(tellValue).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
