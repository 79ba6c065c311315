import { useLayoutEffect, useState } from 'preact/hooks';
import { goTo } from './location.ts';
import { Dialog } from './parts/dialog.tsx';

const KEPT = 'switchfleet.shortcuts';
const areOn = (): boolean => localStorage.getItem(KEPT) !== 'off';

const SHORTCUTS: readonly (readonly [key: string, what: string])[] = [
  ['/', 'search calls'],
  ['j', 'next row'],
  ['k', 'row before'],
  ['Enter', 'open the row'],
  ['?', 'this help'],
];

/** `/` search, `j` and `k` rows, `?` help: while nobody writes, and unless they are switched off. */
export function useShortcuts(onHelp: () => void): void {
  // as soon as the page is drawn: no key is lost that somebody presses when he sees it
  useLayoutEffect(() => {
    const act = (event: KeyboardEvent) => {
      if (!areOn() || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const did = actOn(event.key, onHelp);
      if (did) event.preventDefault();
    };
    document.addEventListener('keydown', act);
    return () => document.removeEventListener('keydown', act);
  }, [onHelp]);
}

function actOn(key: string, onHelp: () => void): boolean {
  if (key === '?') onHelp();
  else if (key === '/') focusSearch();
  else if (key === 'j') moveRow(1);
  else if (key === 'k') moveRow(-1);
  else return false;
  return true;
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

function focusSearch(): void {
  const box = document.querySelector<HTMLElement>('[data-search]');
  if (box === null) goTo('/calls?focus=search');
  else box.focus();
}

/** Rows are known by their main link or button. */
function moveRow(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: 'nearest' });
}

/** What the keys do, and the switch for those who are disturbed by them. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const [isOn, setIsOn] = useState(areOn);
  const toggle = () => {
    localStorage.setItem(KEPT, isOn ? 'off' : 'on');
    setIsOn(!isOn);
  };
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="keys">
        {SHORTCUTS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={toggle} /> Single keys are shortcuts
      </label>
      <form method="dialog">
        <button type="submit" class="primary">
          Close
        </button>
      </form>
    </Dialog>
  );
}
