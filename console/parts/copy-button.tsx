import { useState } from 'preact/hooks';

const SHOWN_MS = 2_000;

/** Copies a text by one click, and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('copied');
    } catch {
      setSaid('not allowed');
    }
    setTimeout(() => setSaid(''), SHOWN_MS);
  };
  // What is shown stands in the name: one who speaks to the page says what he sees (WCAG 2.5.3).
  const name = said === '' ? `Copy ${what}` : `${said}: Copy ${what}`;
  return (
    <button type="button" class="copy" onClick={copy} aria-label={name} title={name}>
      <span aria-live="polite">{said === '' ? 'copy' : said}</span>
    </button>
  );
}
