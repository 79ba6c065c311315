/** What all names beyond the bound are called together. */
export const OTHER_NAMES = 'other';

/**
 * Gives each of the first `most` names back as it is, and `other` for all later ones: a label whose values others choose
 * never makes more series than that. No name at all is the empty label.
 */
export function boundedNames(most: number): (name: string | null | undefined) => string {
  const known = new Set<string>();
  return (name) => {
    if (name === null || name === undefined || name === '') return '';
    if (known.has(name)) return name;
    if (known.size >= most) return OTHER_NAMES;
    known.add(name);
    return name;
  };
}
