import { type Column, DataTable } from '../parts/data-table.tsx';
import { Empty } from '../parts/states.tsx';
import { tellValue } from '../parts/told-value.ts';
import { headed, type Item, type Kind, labelOf, nameOf } from './kind.ts';

interface ItemTableProps {
  kind: Kind;
  /** which fields are columns, where the api gives them */
  shown: readonly string[];
  items: readonly Item[];
  /** what is said where there are none */
  none: string;
  /** undefined: who is signed in may only look */
  onOpen: ((item: Item) => void) | undefined;
}

/** The things of one kind, each with its order to change it. */
export function ItemTable({ kind, shown, items, none, onOpen }: ItemTableProps) {
  if (items.length === 0) return <Empty title={none} />;
  const columns = shown
    .filter((field) => items.some((item) => field in item))
    .map(
      (field): Column<Item> => ({
        name: labelOf(field),
        isText: true,
        show: (item) => tellValue(item[field]),
      }),
    );
  return (
    <DataTable
      label={headed(kind.many)}
      rows={items}
      keyOf={(item) => nameOf(kind, item)}
      columns={onOpen === undefined ? columns : [...columns, changeColumn(kind, onOpen)]}
    />
  );
}

const changeColumn = (kind: Kind, onOpen: (item: Item) => void): Column<Item> => ({
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
});
