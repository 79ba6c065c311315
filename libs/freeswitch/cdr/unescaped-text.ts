/**
 * Whether a document of FreeSWITCH holds a text that is not escaped: after `<!` FreeSWITCH writes the rest of a text, or of an
 * attribute, as it is (`switch_xml_ampencode` of switch_xml.c).
 */
export function hasUnescapedText(document: string): boolean {
  // There are hundreds of `<` in a document, and hardly any `!`.
  for (let at = document.indexOf('!'); at >= 0; at = document.indexOf('!', at + 1))
    if (document[at - 1] === '<') return true;
  return false;
}

/**
 * Whether such a text may have lines of its own, which look like FreeSWITCH's: a URI's user may hold any character
 * (`check_decode` of mod_sofia). The first of them ends its element, and the last one has to begin another of the same name, for
 * FreeSWITCH to end. So a text without `<!`, or one that no other element of its name follows, was written by FreeSWITCH alone.
 */
export function isForgeable(document: string): boolean {
  const lines = document.split('\n').map((line) => ({ name: nameOf(line), line }));
  const suspects = new Set<string>();
  for (const { name, line } of lines) {
    if (name === undefined) continue;
    if (suspects.has(name)) return true;
    if (line.includes('<!')) suspects.add(name);
  }
  return false;
}

/** The first word of the tag that a line begins with. */
function nameOf(line: string): string | undefined {
  return /^\s*<([^\s>/]+)/.exec(line)?.[1];
}
