/** How mod_xml_cdr wrote a body (its `encode` setting), or that it is JSON. */
export type CdrEncoding = 'url' | 'base64' | 'plain' | 'text';

const FORM = 'cdr=';

/** Tells the encoding from the body itself: FreeSWITCH's Content-Type header lies when disable-100-continue is set. */
export function encodingOf(body: string): CdrEncoding {
  if (!body.startsWith(FORM)) return 'text';
  if (body.startsWith('cdr=%3C')) return 'url';
  return body.startsWith('cdr=<') ? 'plain' : 'base64';
}

/** What FreeSWITCH leaves in err-log-dir: the encoded text without `cdr=`. */
export function spooledText(body: string): string {
  return body.startsWith(FORM) ? body.slice(FORM.length) : body;
}

/** Takes the one encoding off in which tokens can't be found; the others keep digits and uuids as they are. */
export function openBody(body: string): string {
  if (encodingOf(body) !== 'base64') return body;
  return FORM + Buffer.from(body.slice(FORM.length), 'base64').toString('latin1');
}

/** Puts it on again: same length in, same length out. */
export function closeBody(opened: string, encoding: CdrEncoding): string {
  if (encoding !== 'base64') return opened;
  return FORM + Buffer.from(opened.slice(FORM.length), 'latin1').toString('base64');
}
