import type { CallDetail } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import type { Leg } from '../api/shapes.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { documentPath } from './document-path.ts';
import { type Heard, heardOf } from './heard.ts';

/** A call of more legs is measured at its first ones. */
const MOST_LEGS = 16;

interface Measured {
  leg: Leg;
  heard: Heard;
}

/** How the call sounded: what it suffered from, and what each leg's server measured of the audio it received. */
export function QualityTab({ call }: { call: CallDetail }) {
  const { api } = useSession();
  const legs = call.legs.filter(({ uuid }) => call.cdrs.some((cdr) => cdr.uuid === uuid)).slice(0, MOST_LEGS);
  const resource = useResource(`${call.id} ${call.revision}`, (signal) =>
    Promise.all(
      legs.map(async (leg): Promise<Measured> => {
        const path = `${documentPath(leg)}&decoded=true`;
        return { leg, heard: heardOf(await api.ask<Record<string, unknown>>(path, { signal })) };
      }),
    ),
  );
  return (
    <>
      <p class="choices">
        {call.quality.length === 0 ? (
          <span class="quiet">Nothing stands out.</span>
        ) : (
          call.quality.map((tag) => (
            <Mark key={tag} tone="warn">
              {tag}
            </Mark>
          ))
        )}
      </p>
      {legs.length === 0 ? (
        <Empty title="Nothing was measured">
          <p>Servers tell of the audio in the CDR of a leg, and there is none, or its time is over.</p>
        </Empty>
      ) : (
        <ResourceView resource={resource}>
          {(measured) => (
            <DataTable
              label="Audio received"
              rows={measured}
              keyOf={({ leg }) => leg.uuid}
              columns={COLUMNS}
            />
          )}
        </ResourceView>
      )}
    </>
  );
}

const figure = (value: number | null, digits = 0): string => (value === null ? '–' : value.toFixed(digits));

const COLUMNS: readonly Column<Measured>[] = [
  { name: 'Node', show: ({ leg }) => leg.node },
  { name: 'Direction', show: ({ leg }) => leg.direction },
  { name: 'Codec', isText: true, show: ({ heard }) => heard.codec ?? '–' },
  { name: 'MOS, 1 to 5', isNumber: true, show: ({ leg }) => figure(leg.mos, 2) },
  { name: 'Jitter, greatest variance, ms²', isNumber: true, show: ({ heard }) => figure(heard.jitterMax, 1) },
  { name: 'Loss, %', isNumber: true, show: ({ heard }) => figure(heard.lossPercent, 2) },
  { name: 'Packets received', isNumber: true, show: ({ heard }) => figure(heard.received) },
  { name: 'Packets sent', isNumber: true, show: ({ heard }) => figure(heard.sent) },
  { name: 'Leg', show: ({ leg }) => <code title={leg.uuid}>{leg.uuid.slice(0, 8)}</code> },
];
