/** A piece of SQL and the values of its parameters: what a person typed is only ever a value. */
export interface Fragment {
  readonly parts: readonly string[];
  readonly values: readonly unknown[];
}

/** What pg takes: `$1`, `$2`, … stand for the values in their order. */
export interface RenderedQuery {
  text: string;
  values: unknown[];
}

function isFragment(value: unknown): value is Fragment {
  return typeof value === 'object' && value !== null && 'parts' in value && 'values' in value;
}

/** A fragment of a template: fragments in it are spliced in, everything else becomes a parameter. */
export function sql(strings: TemplateStringsArray, ...values: unknown[]): Fragment {
  return splice(strings, values);
}

function splice(strings: readonly string[], values: readonly unknown[]): Fragment {
  const parts: string[] = [strings[0] ?? ''];
  const bound: unknown[] = [];
  values.forEach((value, index) => {
    const rest = strings[index + 1] ?? '';
    const last = parts.length - 1;
    if (isFragment(value)) {
      const [first = '', ...more] = value.parts;
      parts[last] += first;
      parts.push(...more);
      bound.push(...value.values);
      parts[parts.length - 1] += rest;
    } else {
      bound.push(value);
      parts.push(rest);
    }
  });
  return { parts, values: bound };
}

/** SQL of our own source code, as it is: never of anything that came from outside. */
export function raw(text: string): Fragment {
  return { parts: [text], values: [] };
}

/** Fragments with a separator of ours between them; `otherwise` when there are none. */
export function joined(fragments: readonly Fragment[], separator: string, otherwise = 'true'): Fragment {
  if (fragments.length === 0) return raw(otherwise);
  const strings = ['', ...fragments.slice(1).map(() => separator), ''];
  return splice(strings, fragments);
}

/** Conditions that all have to hold. */
export const allOf = (conditions: readonly Fragment[]): Fragment => joined(conditions, '\n  and ');

/** Conditions of which one has to hold. */
export const anyOf = (conditions: readonly Fragment[]): Fragment =>
  sql`(${joined(conditions, ' or ', 'false')})`;

/** Microseconds since 1970 as a timestamptz. */
export const at = (us: number): Fragment =>
  sql`(timestamptz 'epoch' + ${us}::bigint * interval '1 microsecond')`;

/** Text and values for pg. */
export function render({ parts, values }: Fragment): RenderedQuery {
  const text = parts.map((part, index) => (index === 0 ? part : `$${index}${part}`)).join('');
  return { text, values: [...values] };
}
