import { useState } from 'preact/hooks';
import { useResource } from '../api/resource.ts';
import type { Leg } from '../api/shapes.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { documentPath } from './document-path.ts';

/** A leg's CDR, byte for byte as FreeSWITCH made it. */
export function CdrTab({ legs }: { legs: readonly Leg[] }) {
  const [path, setPath] = useState(legs[0] === undefined ? '' : documentPath(legs[0]));
  const { api } = useSession();
  const resource = useResource(path, (signal) => api.askText(path, { signal }));
  return (
    <>
      <p class="choices">
        <label>
          Leg{' '}
          <select aria-label="Leg" value={path} onChange={(event) => setPath(event.currentTarget.value)}>
            {legs.map((leg) => (
              <option key={documentPath(leg)} value={documentPath(leg)}>
                {leg.node}, {leg.direction}, {leg.uuid.slice(0, 8)}
              </option>
            ))}
          </select>
        </label>
        {resource.data !== undefined && <CopyButton text={resource.data} what="the CDR" />}
      </p>
      {resource.problem?.status === 404 ? (
        <Empty title="There is no CDR of this leg">
          <p>It was never posted, or its time is over.</p>
        </Empty>
      ) : (
        <ResourceView resource={resource}>
          {(text) => (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse must be able to scroll it
            <pre class="document" tabIndex={0}>
              {text}
            </pre>
          )}
        </ResourceView>
      )}
    </>
  );
}
