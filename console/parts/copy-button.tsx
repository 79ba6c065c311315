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
  return (
    <button type="button" class="copy" onClick={copy} aria-label={`Copy ${what}`} title={`Copy ${what}`}>
      <span aria-live="polite">{said === '' ? 'copy' : said}</span>
    </button>
  );
}
