import { useState } from 'preact/hooks';
import type { DiscoveredNodes } from '../api/contract.ts';
import { usePolling, useResource } from '../api/resource.ts';
import type { DiscoveredNode } from '../api/shapes.ts';
import { CloseAction } from '../parts/close-action.tsx';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemLines } from '../parts/states.tsx';
import { useWork } from '../parts/work.ts';
import { useSession } from '../session.ts';
import { at } from '../time/instant.ts';
import { Moment } from '../time/moment.tsx';

const POLL_MS = 30_000;

/** Servers that showed up and that nobody named: each can be taken in. Nothing is shown while there are none. */
export function Discovered({ onAdopted }: { onAdopted: () => void }) {
  const { api } = useSession();
  const [adopting, setAdopting] = useState<DiscoveredNode>();
  const resource = useResource('discovered', (signal) =>
    api.ask<DiscoveredNodes>('/v1/discovered-nodes', { signal }),
  );
  usePolling(resource.reload, POLL_MS);
  const found = resource.data?.items ?? [];
  if (found.length === 0) return null;
  const close = (isAdopted: boolean) => {
    setAdopting(undefined);
    if (!isAdopted) return;
    resource.reload();
    onAdopted();
  };
  return (
    <>
      <h2>Servers that nobody named</h2>
      <DataTable
        label="Servers that nobody named"
        rows={found}
        keyOf={({ switchname }) => switchname}
        columns={[
          ...COLUMNS,
          {
            name: 'Orders',
            show: (node) => (
              <button
                type="button"
                onClick={() => setAdopting(node)}
                aria-label={`Take in ${node.switchname}`}
              >
                Take in
              </button>
            ),
          },
        ]}
      />
      {adopting !== undefined && <Adoption node={adopting} onClose={close} />}
    </>
  );
}

const COLUMNS: readonly Column<DiscoveredNode>[] = [
  { name: 'Server', isText: true, show: ({ switchname }) => switchname },
  { name: 'Seen at', isText: true, show: ({ address }) => address ?? '–' },
  { name: 'Why', isText: true, show: ({ reason }) => reason },
  { name: 'Seen by', show: ({ seen_by }) => seen_by },
  { name: 'First', show: ({ first_seen_at }) => <Moment us={at(first_seen_at)} /> },
  { name: 'Last', show: ({ last_seen_at }) => <Moment us={at(last_seen_at)} /> },
  { name: 'Times', isNumber: true, show: ({ sightings }) => sightings },
];

interface AdoptionProps {
  node: DiscoveredNode;
  onClose: (isAdopted: boolean) => void;
}

interface Taken {
  http_username: string | null;
  http_password: string | null;
}

/** Asks for what nobody can know, and shows the new node's own credential once. */
function Adoption({ node: { switchname, esl_host, esl_port }, onClose }: AdoptionProps) {
  const { api } = useSession();
  const { isBusy, problem, run } = useWork();
  const [taken, setTaken] = useState<Taken>();
  const take = (event: Event) => {
    event.preventDefault();
    const body = readForm(new FormData(event.currentTarget as HTMLFormElement));
    void run(async () => {
      const path = `/v1/nodes/${encodeURIComponent(switchname)}/adopt`;
      setTaken(await api.ask<Taken>(path, { method: 'POST', body }));
    });
  };
  if (taken !== undefined) return <Credential switchname={switchname} taken={taken} onClose={onClose} />;
  return (
    <Dialog title={`Take in ${switchname}?`} onClose={() => onClose(false)}>
      <p>
        {switchname} becomes a node: its event socket is followed, and calls are routed to it as soon as it is
        live.
      </p>
      <form class="fields-form" onSubmit={take}>
        <label>
          Password of its event socket
          <input name="esl_password" type="password" autocomplete="off" required maxLength={256} />
        </label>
        <label>
          Address of its event socket
          <input name="esl_host" required maxLength={253} defaultValue={esl_host ?? ''} />
        </label>
        <label>
          Port
          <input
            name="esl_port"
            inputMode="numeric"
            pattern="[0-9]{1,5}"
            required
            defaultValue={String(esl_port ?? 8021)}
          />
        </label>
        <label>
          Region
          <input name="region" maxLength={64} placeholder="none" />
        </label>
        {problem !== undefined && <ProblemLines problem={problem} />}
        <div class="actions">
          <button type="button" onClick={() => onClose(false)}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isBusy}>
            {isBusy ? 'Taking in…' : 'Take in'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function readForm(data: FormData): Record<string, string | number> {
  const textOf = (name: string) => String(data.get(name) ?? '').trim();
  const region = textOf('region');
  return {
    esl_password: String(data.get('esl_password') ?? ''),
    esl_host: textOf('esl_host'),
    esl_port: Number(textOf('esl_port')),
    ...(region === '' ? {} : { region }),
  };
}

function Credential({
  switchname,
  taken: { http_username: name, http_password: password },
  onClose,
}: {
  switchname: string;
  taken: Taken;
  onClose: (isAdopted: boolean) => void;
}) {
  return (
    <Dialog title={`${switchname} is a node now`} onClose={() => onClose(true)}>
      <p role="status">Its own credential for mod_xml_curl and mod_xml_cdr is shown only now:</p>
      <p>
        <code class="secret">
          {name}:{password}
        </code>
      </p>
      <CloseAction onClose={() => onClose(true)} />
    </Dialog>
  );
}
