/** What a terminal obeys: control characters, and characters that turn the direction of what follows. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** The same without what lays text out. */
const OBEYED_IN_LINES = new RegExp(`(?![\\n\\t])${OBEYED.source}`, OBEYED.flags);
const HEX = 16;

/** Stored text for a terminal, on one line: a caller chooses the name and number that he sends. */
export function plainText(text: string): string {
  return text.replace(OBEYED, '\u{fffd}');
}

/** The same of a text of several lines, whose line ends and tabs stay. */
export function plainLines(text: string): string {
  return text.replace(OBEYED_IN_LINES, '\u{fffd}');
}

/** One line of JSON of a value, which a terminal shows as it is: the same value to whoever reads JSON. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(
    OBEYED,
    (character) => `\\u${character.charCodeAt(0).toString(HEX).padStart(4, '0')}`,
  );
}
