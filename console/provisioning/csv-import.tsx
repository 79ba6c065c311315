import { useState } from 'preact/hooks';
import type { ImportReport } from '../api/contract.ts';
import { Problem, toProblem } from '../api/problem.ts';
import type { Kind } from '../edit/kind.ts';
import { DataTable } from '../parts/data-table.tsx';
import { useSession } from '../session.ts';

/** As long as the api itself may take: a file may have a million rows. */
const PATIENCE_MS = 30 * 60_000;

interface CsvImportProps {
  kind: Kind;
  onStored: () => void;
}

/** Takes a file in: first what it would do and what is wrong in which line, then, when somebody says so, for good. */
export function CsvImport({ kind: { path, many }, onStored }: CsvImportProps) {
  const { api } = useSession();
  const [content, setContent] = useState<string>();
  const [report, setReport] = useState<ImportReport>();
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setIsBusy] = useState(false);

  const send = async (text: string, isPreview: boolean) => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      // a preview is told every error; what is kept is all or nothing
      const query = isPreview ? '?dry_run=true&partial=true' : '';
      const csv = { type: 'text/csv', content: text };
      const question = { method: 'POST', text: csv, patienceMs: PATIENCE_MS } as const;
      setReport(await api.ask<ImportReport>(`/v1/${path}.csv${query}`, question));
      if (!isPreview) onStored();
    } catch (error) {
      setReport(undefined);
      setProblem(toProblem(error));
    }
    setIsBusy(false);
  };
  const choose = async (file: File | undefined) => {
    if (file === undefined) return;
    setReport(undefined);
    setContent(undefined);
    try {
      const text = decodeFile(await file.arrayBuffer());
      setContent(text);
      await send(text, true);
    } catch {
      setProblem(new Problem(0, 'file-unreadable', NOT_UTF_8));
    }
  };

  const canStore =
    report !== undefined && !report.is_kept && report.refused === 0 && report.created + report.updated > 0;
  return (
    <section class="panel" aria-label={`Import ${many}`}>
      <h2>Import {many} from a CSV file</h2>
      <p class="quiet">
        The first line names the fields, as in the file of all. Nothing is stored before you have seen what it
        does.
      </p>
      <label>
        File{' '}
        <input
          type="file"
          accept=".csv,text/csv"
          // the same file, mended, is another one
          onClick={(event) => {
            event.currentTarget.value = '';
          }}
          onChange={(event) => void choose(event.currentTarget.files?.[0])}
        />
      </label>
      {isBusy && <p role="status">Reading…</p>}
      {problem !== undefined && (
        <p class="failure-line" role="alert">
          {problem.message}
        </p>
      )}
      {report !== undefined && <Report report={report} />}
      {canStore && content !== undefined && (
        <button type="button" class="primary" disabled={isBusy} onClick={() => send(content, false)}>
          Store {report.created + report.updated} rows
        </button>
      )}
    </section>
  );
}

const NOT_UTF_8 =
  'This file is no text in UTF-8: save it as “CSV UTF-8”, or letters with accents would be lost';

/** The text of a file. @throws TypeError when it is none in UTF-8 */
const decodeFile = (bytes: ArrayBuffer): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

function Report({ report }: { report: ImportReport }) {
  const {
    rows,
    created,
    updated,
    unchanged,
    refused,
    is_kept: isKept,
    errors,
    errors_left_out: leftOut,
  } = report;
  return (
    <>
      <p role="status">
        {rows} rows: {created} {isKept ? 'made' : 'to make'}, {updated} {isKept ? 'changed' : 'to change'},{' '}
        {unchanged} as they are, {refused} cannot be. {isKept ? 'Stored.' : 'Nothing is stored yet.'}
      </p>
      {errors.length > 0 && (
        <DataTable
          label="What is wrong"
          rows={errors}
          keyOf={({ line, field, reason }) => `${line} ${field} ${reason}`}
          columns={[
            { name: 'Line', show: ({ line }) => line },
            { name: 'Field', show: ({ field }) => field },
            { name: 'Reason', isText: true, show: ({ reason }) => reason },
          ]}
        />
      )}
      {leftOut > 0 && <p class="quiet">{leftOut} more are left out.</p>}
    </>
  );
}
