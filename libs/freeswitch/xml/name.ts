// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** What most names are: nothing to do. */
const FOLDED = /^[a-z0-9._@+-]*$/;

/**
 * The form under which a name is looked up: FreeSWITCH compares names case-insensitively, and only ASCII letters have
 * case there. Other text is left alone, so that no foreign letter folds into one of ours (the Kelvin sign into k).
 */
export function foldName(name: string): string {
  if (FOLDED.test(name)) return name;
  return ASCII.test(name) ? name.toLowerCase() : name;
}
