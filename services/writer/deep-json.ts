/** A text that is written as it is, or a value that is written as JSON. */
type Piece = { text: string } | { value: unknown };

/**
 * A parsed JSON value as JSON again, however deep it is: JSON.parse reads any depth, but JSON.stringify calls itself for each
 * level, and there are some thousand levels for which the stack is enough.
 */
export function deepJson(value: unknown): string {
  const texts: string[] = [];
  const waiting: Piece[] = [{ value }];
  for (let piece = waiting.pop(); piece !== undefined; piece = waiting.pop()) {
    if ('text' in piece) texts.push(piece.text);
    else if (isPlain(piece.value)) texts.push(JSON.stringify(piece.value) ?? 'null');
    else for (const part of partsOf(piece.value).reverse()) waiting.push(part);
  }
  return texts.join('');
}

function isPlain(value: unknown): value is Exclude<unknown, object> {
  return typeof value !== 'object' || value === null;
}

function partsOf(value: object): Piece[] {
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const parts: Piece[] = [{ text: open }];
  for (const [name, member] of Object.entries(value)) {
    const comma = parts.length > 1 ? ',' : '';
    parts.push(
      { text: Array.isArray(value) ? comma : `${comma}${JSON.stringify(name)}:` },
      { value: member },
    );
  }
  parts.push({ text: close });
  return parts;
}
