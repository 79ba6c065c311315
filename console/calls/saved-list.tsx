import { useState } from 'preact/hooks';
import { BASE } from '../location.ts';
import { forget, readSaved, save } from './saved-searches.ts';

/** Searches that this browser keeps. */
export function SavedSearches({ query }: { query: string }) {
  const [saved, setSaved] = useState(readSaved);
  const [name, setName] = useState('');
  const keep = () => {
    if (name.trim() === '') return;
    setSaved(save({ name: name.trim(), query }));
    setName('');
  };
  return (
    <details>
      <summary>Saved searches ({saved.length})</summary>
      <ul class="saved">
        {saved.map((search) => (
          <li key={search.name}>
            <a href={`${BASE}/calls${search.query === '' ? '' : `?${search.query}`}`}>{search.name}</a>{' '}
            <button
              type="button"
              class="plain"
              onClick={() => setSaved(forget(search.name))}
              aria-label={`Forget ${search.name}`}
            >
              forget
            </button>
          </li>
        ))}
      </ul>
      <p class="choices">
        <label>
          Name <input value={name} maxLength={80} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <button type="button" onClick={keep}>
          Save this search
        </button>
      </p>
    </details>
  );
}
