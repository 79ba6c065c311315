import { useMemo, useState } from 'preact/hooks';
import type { RejectDetail, RejectReplayed } from '../api/contract.ts';
import { type Problem, toProblem } from '../api/problem.ts';
import { useResource } from '../api/resource.ts';
import { BASE } from '../location.ts';
import { ResourceView } from '../parts/resource-view.tsx';
import { ProblemLines } from '../parts/states.tsx';
import { mayDo, useSession } from '../session.ts';

/** A browser that edits more than this stands still: it is shown in part, and replayed whole. */
const MOST_BYTES = 1_000_000;
const SHOWN = 100_000;

interface RejectViewProps {
  id: string;
  onClose: () => void;
  onReplayed: () => void;
}

/** One reject as it was posted. An administrator may mend it; everybody who sees it may replay it. */
export function RejectView({ id, onClose, onReplayed }: RejectViewProps) {
  const { api } = useSession();
  const resource = useResource(id, (signal) =>
    api.ask<RejectDetail>(`/v1/cdr-rejects/${encodeURIComponent(id)}`, { signal }),
  );
  return (
    <section class="panel" aria-label={`Reject ${id}`}>
      <ResourceView resource={resource}>
        {(reject) => <Editor reject={reject} onReplayed={onReplayed} />}
      </ResourceView>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </section>
  );
}

function Editor({ reject, onReplayed }: { reject: RejectDetail; onReplayed: () => void }) {
  const { api, access } = useSession();
  const isLarge = reject.bytes > MOST_BYTES;
  const whole = useMemo(() => readPosted(reject.body_base64), [reject]);
  const posted = isLarge ? whole.slice(0, SHOWN) : whole;
  const [text, setText] = useState(posted);
  const [outcome, setOutcome] = useState<RejectReplayed>();
  const [problem, setProblem] = useState<Problem>();
  const mayMend = mayDo(access, 'admin', 'fleet') && !isLarge;
  const replay = async () => {
    setOutcome(undefined);
    setProblem(undefined);
    try {
      const path = `/v1/cdr-rejects/${encodeURIComponent(reject.id)}/replay`;
      const body = text === posted ? {} : { text };
      const answer = await api.ask<RejectReplayed>(path, { method: 'POST', body });
      setOutcome(answer);
      if (answer.outcome === 'replayed') onReplayed();
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  return (
    <>
      <h2>
        {reject.reason}: {reject.detail}
      </h2>
      <label class="document-label">
        <span class="quiet">
          As it was posted to {reject.path}
          {mayMend ? '; mend it here' : ''}
          {isLarge ? `; only the beginning is shown of ${reject.bytes} bytes` : ''}
        </span>
        <textarea
          class="document"
          rows={16}
          spellcheck={false}
          readOnly={!mayMend}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      {problem !== undefined && <ProblemLines problem={problem} />}
      {outcome !== undefined && <Outcome outcome={outcome} />}
      <button type="button" class="primary" onClick={replay}>
        {text === posted ? 'Replay as it is' : 'Replay as mended'}
      </button>
    </>
  );
}

function Outcome({ outcome: { outcome, reason, detail, uuid } }: { outcome: RejectReplayed }) {
  if (outcome === 'refused')
    return (
      <p class="failure-line" role="alert">
        It cannot be taken still: {reason}, {detail}
      </p>
    );
  return (
    <p role="status">
      It is posted again as a CDR.{' '}
      {uuid !== null && <a href={`${BASE}/calls/${encodeURIComponent(uuid)}`}>Look at its call</a>}
    </p>
  );
}

/** The bytes as UTF-8, where what is none shows as replacement characters, and the document out of a form's field. */
function readPosted(base64: string): string {
  const text = new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  if (!text.startsWith('cdr=')) return text;
  try {
    return decodeURIComponent(text.slice('cdr='.length).replaceAll('+', ' '));
  } catch {
    // cut off within a letter
    return text;
  }
}
