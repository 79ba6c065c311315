import type { Recordings as RecordingList } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { mayDo, useSession } from '../session.ts';

/** The recordings of a call, whichever server made them; who hears one is in the audit log. */
export function Recordings({ id }: { id: string }) {
  const { api, access } = useSession();
  const resource = useResource(id, (signal) =>
    api.ask<RecordingList>(`/v1/calls/${encodeURIComponent(id)}/recordings`, { signal }),
  );
  const mayHear = mayDo(access, 'operator');
  return (
    <ResourceView resource={resource}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="Nothing was recorded" />
        ) : (
          <ul class="saved">
            {items.map(({ id: key, name, node, url }) => (
              <li key={key} class="panel">
                <p class="text">
                  {name}, by {node}
                </p>
                {mayHear ? (
                  // biome-ignore lint/a11y/useMediaCaption: nobody wrote down what was said
                  <audio controls preload="none" src={url} aria-label={`Recording ${name}`} />
                ) : (
                  <p class="quiet">Your role does not reach its sound.</p>
                )}
              </li>
            ))}
          </ul>
        )
      }
    </ResourceView>
  );
}
