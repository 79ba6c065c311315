import { DataTable } from '../parts/data-table.tsx';
import type { Difference } from './difference.ts';
import { labelOf } from './kind.ts';

interface DifferenceTableProps {
  label: string;
  differences: readonly Difference[];
  /** names of both sides */
  sides: readonly [from: string, to: string];
}

/** Two versions side by side, only where they differ. */
export function DifferenceTable({ label, differences, sides }: DifferenceTableProps) {
  if (differences.length === 0) return <p class="quiet">Nothing differs.</p>;
  return (
    <DataTable
      label={label}
      rows={differences}
      keyOf={({ field }) => field}
      columns={[
        { name: 'Field', show: ({ field }) => labelOf(field) },
        { name: sides[0], isText: true, show: ({ from }) => <del>{from}</del> },
        { name: sides[1], isText: true, show: ({ to }) => <ins>{to}</ins> },
      ]}
    />
  );
}
