import type { ComponentChildren } from 'preact';
import { ScrollBox } from './scroll-box.tsx';

/** One column of a table of things of one kind; the first names its row. */
export interface Column<Row> {
  name: string;
  show: (row: Row) => ComponentChildren;
  isNumber?: boolean;
  /** a text of a stranger, of any length */
  isText?: boolean;
}

interface DataTableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
}

/** A plain table. */
export function DataTable<Row>({ label, rows, columns, keyOf }: DataTableProps<Row>) {
  const [first, ...others] = columns;
  return (
    <ScrollBox label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name, isNumber }) => (
              <th key={name} scope="col" class={isNumber ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row" class={first?.isText ? 'text' : ''}>
                {first?.show(row)}
              </th>
              {others.map(({ name, show, isNumber, isText }) => (
                <td key={name} class={isNumber ? 'number' : isText ? 'text' : ''}>
                  {show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}
