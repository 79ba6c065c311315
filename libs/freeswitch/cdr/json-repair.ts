/** What FreeSWITCH writes after the variables, from their last quote on. */
const AFTER_VARIABLES = /"\},"(?:app_log|hold-record|callflow)":/;
const BETWEEN = /","([^"\\]+)":"/g;

/**
 * With encode=true and encode-values=true FreeSWITCH encodes a value's quote once, like the quotes around it, so the
 * decoded document has bare quotes, backslashes and newlines inside the values of its variables. They can be told apart
 * by what stands around them: a value ends where `","name":"` follows. Gives undefined when there are no such variables.
 */
export function repairVariables(text: string): string | undefined {
  const open = '"variables":{';
  const start = text.indexOf(open);
  if (start < 0) return undefined;
  const from = start + open.length;
  const end = endOfVariables(text, from);
  const entries = end === undefined ? undefined : readEntries(text.slice(from, end));
  if (end === undefined || entries === undefined) return undefined;
  const repaired = entries
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    .join(',');
  return `${text.slice(0, from)}${repaired}${text.slice(end)}`;
}

function endOfVariables(text: string, from: number): number | undefined {
  const end = text.slice(from).search(AFTER_VARIABLES);
  return end < 0 ? undefined : from + end + 1;
}

function readEntries(section: string): [string, string][] | undefined {
  const first = /^"([^"\\]+)":"/.exec(section);
  if (first === null || !section.endsWith('"')) return undefined;
  const entries: [string, string][] = [];
  let name = first[1] ?? '';
  let from = first[0].length;
  for (const match of section.matchAll(BETWEEN)) {
    if (match.index < from) continue;
    entries.push([name, section.slice(from, match.index)]);
    name = match[1] ?? '';
    from = match.index + match[0].length;
  }
  entries.push([name, section.slice(from, -1)]);
  return entries;
}
