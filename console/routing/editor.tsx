import { useRef, useState } from 'preact/hooks';
import type { RoutingPreview } from '../api/contract.ts';
import { type Problem, toProblem } from '../api/problem.ts';
import { ProblemLines } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { DifferenceTable } from './difference-table.tsx';
import { type Draft, openDraft, previewDraft, saveDraft } from './edit.ts';
import { differencesOf, type Field, type Item, readItem } from './kind.ts';
import { PreviewView } from './preview-view.tsx';

interface EditorProps {
  draft: Draft;
  /** the call whose decision is compared */
  question: Item;
  onClose: () => void;
  onSaved: () => void;
}

type Step =
  | { is: 'writing' }
  | { is: 'busy' }
  | { is: 'previewed'; item: Item; preview: RoutingPreview }
  | { is: 'conflict'; item: Item; current: Item }
  | { is: 'failed'; problem: Problem };

/** Changes one thing: first what the change does to a call, then, when somebody says so, for good. */
export function Editor({ draft: opened, question, onClose, onSaved }: EditorProps) {
  const { api } = useSession();
  const [draft, setDraft] = useState(opened);
  const [step, setStep] = useState<Step>({ is: 'writing' });
  const form = useRef<HTMLFormElement>(null);
  const { kind, before, etag } = draft;
  const work = async (todo: () => Promise<Step>) => {
    setStep({ is: 'busy' });
    setStep(await todo().catch((error: unknown): Step => ({ is: 'failed', problem: toProblem(error) })));
  };
  const preview = (event: Event) => {
    event.preventDefault();
    const item = readItem(kind, new FormData(form.current ?? undefined));
    void work(async () => ({
      is: 'previewed',
      item,
      preview: await previewDraft(api, draft, { item, question }),
    }));
  };
  const save = (item: Item, version: Draft) =>
    work(async () => {
      try {
        await saveDraft(api, version, item);
      } catch (error) {
        const { code, details } = toProblem(error);
        if (code !== 'version-differs') throw error;
        return { is: 'conflict', item, current: (details['current'] ?? {}) as Item };
      }
      onSaved();
      return { is: 'writing' };
    });
  /** Takes the other's version as what is changed now; what was written here stays in the form. */
  const goOn = (item: Item) =>
    work(async () => {
      const newer = await openDraft(api, kind, before);
      setDraft(newer);
      return { is: 'previewed', item, preview: await previewDraft(api, newer, { item, question }) };
    });
  return (
    <section class="panel" aria-label={`${etag === undefined ? 'New' : 'Change'} ${kind.one}`}>
      <h3>{etag === undefined ? `New ${kind.one}` : `Change ${kind.one} ${nameOf(draft)}`}</h3>
      <form ref={form} class="fields edit" onSubmit={preview} onInput={() => setStep({ is: 'writing' })}>
        {kind.fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={opened.before[field.name]}
            isNew={etag === undefined}
          />
        ))}
        <div class="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            class={step.is === 'previewed' ? '' : 'primary'}
            disabled={step.is === 'busy'}
          >
            {step.is === 'busy' ? 'Looking…' : 'Preview'}
          </button>
        </div>
      </form>
      {step.is === 'failed' && <ProblemLines problem={step.problem} />}
      {step.is === 'previewed' && (
        <>
          <DifferenceTable
            label="What is changed"
            sides={['Now', 'With the change']}
            differences={differencesOf(etag === undefined ? undefined : before, step.item)}
          />
          <PreviewView preview={step.preview} />
          <button type="button" class="primary" onClick={() => save(step.item, draft)}>
            Save
          </button>
        </>
      )}
      {step.is === 'conflict' && (
        <div role="alert">
          <p class="failure-line">Somebody changed it since you opened it. Nothing was stored.</p>
          <DifferenceTable
            label="Conflict"
            sides={['As it is stored now', 'As you have it']}
            differences={differencesOf(step.current, step.item)}
          />
          <button type="button" onClick={() => goOn(step.item)}>
            Go on with mine, on top of theirs
          </button>
        </div>
      )}
    </section>
  );
}

const nameOf = ({ kind, before }: Draft): string => kind.key.map((name) => String(before[name])).join(', ');

function FieldInput({ field, value, isNew }: { field: Field; value: unknown; isNew: boolean }) {
  const { name, type, isKey = false } = field;
  const label = name.replaceAll('_', ' ');
  if (type === 'flag')
    return (
      <label class="check">
        <input type="checkbox" name={name} defaultChecked={value === true} /> {label}
      </label>
    );
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: an input or a select stands in it
    <label>
      <span class="quiet">{label}</span>
      {typeof type === 'string' ? (
        <input
          name={name}
          defaultValue={value === null || value === undefined ? '' : String(value)}
          readOnly={isKey && !isNew}
          {...(type === 'number' ? { type: 'number', step: 'any' } : { maxLength: 300 })}
        />
      ) : (
        <select name={name} aria-label={label} defaultValue={String(value)}>
          {type.map((word) => (
            <option key={word} value={word} selected={word === value}>
              {word}
            </option>
          ))}
        </select>
      )}
    </label>
  );
}
