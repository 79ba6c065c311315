import { headed, type Kind } from './kind.ts';

interface KindSelectProps {
  kinds: readonly Kind[];
  path: string;
  onChoose: (path: string) => void;
}

/** Which kind of things is looked at. */
export function KindSelect({ kinds, path, onChoose }: KindSelectProps) {
  return (
    <label>
      Kind{' '}
      <select aria-label="Kind" value={path} onChange={(event) => onChoose(event.currentTarget.value)}>
        {kinds.map((kind) => (
          <option key={kind.path} value={kind.path}>
            {headed(kind.many)}
          </option>
        ))}
      </select>
    </label>
  );
}
