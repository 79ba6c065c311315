/** Characters that no reply carries: C0 and C1 controls, and code points that XML forbids. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g;

const NEEDS_WORK = /[^ !#%()*+,\-./0-9:=?@A-Z[\\\]^_`a-z{|}~]|[xX]-[pP]/;

/**
 * Makes a value safe inside an attribute or text of a reply. FreeSWITCH runs every line of a reply through the code
 * that reads its configuration files before it parses the XML, so beside XML's specials these are closed:
 * `$${` (expanded), `x-pre-process` (executed when the line begins with `<`), and, by escaping `<`, also `<?`,
 * `<include>` and `<!--#exec`. All are written as character references, which that code doesn't know and the XML
 * parser turns back. Control characters and line breaks are taken out: nobody may store them anyway.
 */
export function xmlValue(value: string): string {
  if (!NEEDS_WORK.test(value)) return value;
  return value
    .toWellFormed()
    .replace(FORBIDDEN, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
    .replace(/\$(?=\$)/g, '&#36;')
    .replace(/x(?=-pre-process)/gi, (letter) => `&#${letter.charCodeAt(0)};`);
}
