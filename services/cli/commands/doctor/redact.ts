const HIDDEN = '[secret]';
/** Shorter ones would hide half of the text. */
const SHORTEST = 4;

/**
 * A copy of plain data in which none of the secrets is left, wherever it stood in whatever text, as it is or as it is
 * written in a URL; nor the credentials of any URL.
 */
export function redact(value: unknown, secrets: readonly string[]): unknown {
  const forms = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    .filter((form) => form.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length);
  return redactWith(value, forms);
}

function redactWith(value: unknown, forms: readonly string[]): unknown {
  if (typeof value === 'string') return redactText(value, forms);
  if (Array.isArray(value)) return value.map((item) => redactWith(item, forms));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [redactText(key, forms), redactWith(item, forms)]),
  );
}

function redactText(text: string, forms: readonly string[]): string {
  const known = forms.reduce((rest, form) => rest.replaceAll(form, HIDDEN), text);
  return known.replace(/(\w+:\/\/)[^/\s@]*@/g, `$1${HIDDEN}@`);
}
