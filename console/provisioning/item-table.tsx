import { headed, type Item, labelOf, nameOf } from '../edit/kind.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/states.tsx';
import { tellValue } from '../parts/told-value.ts';
import type { ProvisionedKind } from './kinds.ts';

interface ItemTableProps {
  kind: ProvisionedKind;
  items: readonly Item[];
  /** only some were asked for */
  isFound: boolean;
  /** undefined: who is signed in may only look */
  onOpen: ((item: Item) => void) | undefined;
}

/** The things of one kind, with the fields that say most. */
export function ItemTable({ kind, items, isFound, onOpen }: ItemTableProps) {
  if (items.length === 0) return <Empty title={`No ${kind.many} ${isFound ? 'like that' : 'yet'}`} />;
  const columns = kind.shown
    .filter((field) => items.some((item) => field in item))
    .map(
      (field): Column<Item> => ({
        name: labelOf(field),
        isText: true,
        show: (item) => tellValue(item[field]),
      }),
    );
  const orders: Column<Item>[] =
    onOpen === undefined
      ? []
      : [
          {
            name: 'Orders',
            show: (item) => (
              <button
                type="button"
                data-row
                aria-label={`Change ${kind.one} ${nameOf(kind, item)}`}
                onClick={() => onOpen(item)}
              >
                Change
              </button>
            ),
          },
        ];
  return (
    <DataTable
      label={headed(kind.many)}
      rows={items}
      keyOf={(item) => nameOf(kind, item)}
      columns={[...columns, ...orders]}
    />
  );
}
