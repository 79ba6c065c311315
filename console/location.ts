import { useLayoutEffect, useState } from 'preact/hooks';

/** Where every address of the console begins. */
export const BASE = '/console';

const MOVED = 'console-moved';

/** What the address bar says, without the base: `/calls`, `?q=failed`. */
export interface Place {
  path: string;
  query: URLSearchParams;
}

/** Goes to another page, or to the same with other parameters. */
export function goTo(path: string, { replace = false } = {}): void {
  const address = `${BASE}${path}`;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  window.dispatchEvent(new Event(MOVED));
}

/** Where we are; renders again when that changes. */
export function usePlace(): Place {
  const [place, setPlace] = useState(readPlace);
  // as soon as it is drawn: whoever goes somewhere before a later effect would stay where he was
  useLayoutEffect(() => {
    const update = () => setPlace(readPlace());
    window.addEventListener('popstate', update);
    window.addEventListener(MOVED, update);
    return () => {
      window.removeEventListener('popstate', update);
      window.removeEventListener(MOVED, update);
    };
  }, []);
  return place;
}

function readPlace(): Place {
  const path = location.pathname.slice(BASE.length) || '/';
  return {
    path: path.endsWith('/') && path !== '/' ? path.slice(0, -1) : path,
    query: new URLSearchParams(location.search),
  };
}

/** Links between our own pages do not load the page anew, unless somebody wants them in another tab. */
export function interceptLinks(): void {
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || !link.pathname.startsWith(BASE) || link.hash !== '') return;
    event.preventDefault();
    goTo(link.pathname.slice(BASE.length) + link.search);
    window.scrollTo(0, 0);
  });
}
