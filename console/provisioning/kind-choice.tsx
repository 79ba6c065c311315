import { KindSelect } from '../edit/kind-select.tsx';
import { BASE } from '../location.ts';
import { KINDS, type ProvisionedKind } from './kinds.ts';

interface KindChoiceProps {
  kind: ProvisionedKind;
  /** whether the whole fleet's routing can be looked at */
  isFleet: boolean;
  onKind: (path: string) => void;
  onFind: (text: string) => void;
  /** undefined: none can be made here */
  onNew: (() => void) | undefined;
}

/** Which kind of things is looked at, and what can be done with all of them. */
export function KindChoice({ kind, isFleet, onKind, onFind, onNew }: KindChoiceProps) {
  const search = (event: Event) => {
    event.preventDefault();
    onFind(String(new FormData(event.currentTarget as HTMLFormElement).get('q') ?? '').trim());
  };
  return (
    <div class="choices">
      <KindSelect kinds={KINDS} path={kind.path} onChoose={onKind} />
      <form onSubmit={search}>
        <label>
          Find <input name="q" data-search maxLength={100} />
        </label>
      </form>
      {onNew !== undefined && (
        <button type="button" onClick={onNew}>
          New {kind.one}
        </button>
      )}
      <a href={`/v1/${kind.path}.csv`} download={`${kind.path}.csv`}>
        All as CSV
      </a>
      {kind.isChangedInRouting && isFleet && (
        <a href={`${BASE}/routing`}>Change one, and see where calls go</a>
      )}
    </div>
  );
}
