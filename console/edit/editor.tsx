import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Problem, toProblem } from '../api/problem.ts';
import { ProblemLines } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { changesOf, differencesOf } from './difference.ts';
import { DifferenceTable } from './difference-table.tsx';
import { type Draft, openDraft, removeDraft, saveDraft } from './draft.ts';
import { FieldInput } from './field-input.tsx';
import { type Item, nameOf, readItem } from './kind.ts';

/** Looks at what a change would do before it is made; null: the thing is taken away. @throws Problem */
export type Look = (draft: Draft, item: Item | null) => Promise<ComponentChildren>;

interface EditorProps {
  draft: Draft;
  look: Look;
  /** whether who is signed in is asked for what reaches beyond a tenant */
  isFleet: boolean;
  onClose: () => void;
  onSaved: () => void;
}

/** What is to be done: a change to this, or null, to take it away. */
type Wish = Item | null;

type Step =
  | { is: 'writing' }
  | { is: 'busy' }
  | { is: 'looked'; wish: Wish; view: ComponentChildren }
  | { is: 'conflict'; wish: Wish; current: Item }
  | { is: 'failed'; problem: Problem };

/** Changes one thing: first what the change does, then, when somebody says so, for good. */
export function Editor({ draft: opened, look, isFleet, onClose, onSaved }: EditorProps) {
  const { api } = useSession();
  const [draft, setDraft] = useState(opened);
  const [step, setStep] = useState<Step>({ is: 'writing' });
  const form = useRef<HTMLFormElement>(null);
  const isNew = draft.etag === undefined;
  const kind = { ...draft.kind, fields: draft.kind.fields.filter((field) => isFleet || !field.isFleetOnly) };
  const title = `${isNew ? 'New' : 'Change'} ${kind.one}${isNew ? '' : ` ${nameOf(kind, draft.before)}`}`;

  const work = async (wish: Wish, todo: () => Promise<Step>) => {
    setStep({ is: 'busy' });
    setStep(await todo().catch((error: unknown) => stepOf(toProblem(error), wish)));
  };
  const lookAt = (wish: Wish, version = draft) =>
    work(wish, async () => ({ is: 'looked', wish, view: await look(version, wish) }));
  const save = (wish: Wish) =>
    work(wish, async () => {
      await (wish === null ? removeDraft(api, draft) : saveDraft(api, draft, wish));
      onSaved();
      return { is: 'writing' };
    });
  /** Takes the other's version as what is changed now; what was written here stays in the form. */
  const goOn = (wish: Wish) =>
    work(wish, async () => {
      const newer = await openDraft(api, draft.kind, draft.before);
      setDraft(newer);
      return { is: 'looked', wish, view: await look(newer, wish) };
    });
  const submit = (event: Event) => {
    event.preventDefault();
    void lookAt(readItem(kind, new FormData(form.current ?? undefined)));
  };

  return (
    <section class="panel" aria-label={`${isNew ? 'New' : 'Change'} ${kind.one}`}>
      <h2>{title}</h2>
      <form ref={form} class="fields edit" onSubmit={submit} onInput={() => setStep({ is: 'writing' })}>
        {kind.fields.map((field) => (
          <FieldInput key={field.name} field={field} value={opened.before[field.name]} isNew={isNew} />
        ))}
        <div class="actions">
          {!isNew && (
            <button type="button" class="apart" onClick={() => lookAt(null)} disabled={step.is === 'busy'}>
              Remove…
            </button>
          )}
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={step.is === 'looked' ? '' : 'primary'} disabled={step.is === 'busy'}>
            {step.is === 'busy' ? 'Looking…' : 'Preview'}
          </button>
        </div>
      </form>
      {step.is === 'failed' && <ProblemLines problem={step.problem} />}
      {step.is === 'looked' && (
        <>
          <Change draft={draft} wish={step.wish} />
          {step.view}
          {isAnything(draft, step.wish) && (
            <button type="button" class="primary" onClick={() => save(step.wish)}>
              {step.wish === null ? 'Remove for good' : 'Save'}
            </button>
          )}
        </>
      )}
      {step.is === 'conflict' && (
        <Conflict draft={draft} wish={step.wish} current={step.current} onGoOn={() => goOn(step.wish)} />
      )}
    </section>
  );
}

/** Whether there is anything to store. */
const isAnything = ({ before, etag }: Draft, wish: Wish): boolean =>
  etag === undefined || wish === null || Object.keys(changesOf(before, wish)).length > 0;

/** That somebody was faster is no failure: both versions are shown. */
function stepOf(problem: Problem, wish: Wish): Step {
  if (problem.code !== 'version-differs') return { is: 'failed', problem };
  return { is: 'conflict', wish, current: (problem.details['current'] ?? {}) as Item };
}

function Change({ draft: { kind, before, etag }, wish }: { draft: Draft; wish: Wish }) {
  if (wish === null)
    return (
      <p>
        <strong>
          {kind.one} {nameOf(kind, before)} will be gone
        </strong>{' '}
        for everybody within a second. Only making it anew brings it back.
      </p>
    );
  return (
    <DifferenceTable
      label="What is changed"
      sides={['Now', 'With the change']}
      differences={differencesOf(kind, etag === undefined ? undefined : before, wish)}
    />
  );
}

interface ConflictProps {
  draft: Draft;
  wish: Wish;
  current: Item;
  onGoOn: () => void;
}

function Conflict({ draft: { kind, before }, wish, current, onGoOn }: ConflictProps) {
  const sides =
    wish === null ? ['As you read it', 'As it is stored now'] : ['As it is stored now', 'As you have it'];
  return (
    <div role="alert">
      <p class="failure-line">Somebody changed it since you opened it. Nothing was stored.</p>
      <DifferenceTable
        label="Conflict"
        sides={sides as [string, string]}
        differences={
          wish === null ? differencesOf(kind, before, current) : differencesOf(kind, current, wish)
        }
      />
      <button type="button" onClick={onGoOn}>
        {wish === null ? 'Go on, and remove it as it is now' : 'Go on with mine, on top of theirs'}
      </button>
    </div>
  );
}
