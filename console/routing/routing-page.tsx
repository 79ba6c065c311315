import type { Explanation } from '../api/contract.ts';
import { useResource } from '../api/resource.ts';
import { goTo, usePlace } from '../location.ts';
import { type Column, DataTable } from '../parts/data-table.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { useSession } from '../session.ts';
import { formatSeconds } from '../time/duration.ts';
import { ChangePanel } from './change-panel.tsx';
import { type Decision, tellDecision } from './explanation.ts';

const FIELDS = [
  ['to', 'Called', 'a number, a user, or a SIP URI'],
  ['from', 'Caller', ''],
  ['domain', 'Domain', 'host of the request'],
  ['src', 'Comes from', 'address[:port]'],
] as const;

/** Where a call would go now, and why not elsewhere. The address holds the question. */
export function RoutingPage() {
  const { query } = usePlace();
  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const asked = FIELDS.map(([name]) => [name, String(data.get(name) ?? '').trim()] as [string, string]);
    goTo(`/routing?${new URLSearchParams(asked.filter(([, value]) => value !== ''))}`);
  };
  return (
    <>
      <header class="page-head">
        <h1>Routing</h1>
      </header>
      <form class="search" key={query.toString()} onSubmit={submit}>
        <div class="search-line">
          {FIELDS.map(([name, label, hint]) => (
            <label key={name}>
              <span class="quiet">{label}</span>
              <input
                name={name}
                {...(name === 'to' ? { required: true, 'data-search': true } : {})}
                placeholder={hint}
                maxLength={name === 'src' ? 60 : 300}
                defaultValue={query.get(name) ?? ''}
              />
            </label>
          ))}
          <button type="submit" class="primary">
            Explain
          </button>
        </div>
      </form>
      {query.has('to') ? (
        <Explained query={query.toString()} />
      ) : (
        <Empty title="Where would a call go?">
          <p>
            Say who is called, and the decision is shown with everything that lost, and why. No call is made.
          </p>
        </Empty>
      )}
    </>
  );
}

type Step = Explanation['steps'][number];

const STEPS: readonly Column<Step>[] = [
  { name: 'About', show: ({ about }) => about },
  { name: 'Which', isText: true, show: ({ subject }) => subject },
  {
    name: 'Verdict',
    isText: true,
    show: ({ verdict }) => (verdict === 'taken' ? <Mark tone="good">taken</Mark> : verdict),
  },
  {
    name: 'Figures',
    isText: true,
    show: ({ figures = {} }) =>
      Object.entries(figures)
        .map(([name, value]) => `${name.replaceAll('_', ' ')} ${shown(value)}`)
        .join(', '),
  },
];

/** Figures to two places at the most. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(Number(value.toFixed(2))) : String(value);
}

function Explained({ query }: { query: string }) {
  const { api } = useSession();
  const resource = useResource(query, (signal) =>
    api.ask<Explanation>(`/v1/routing/explain?${query}`, { signal }),
  );
  return (
    <ResourceView resource={resource} what="Deciding">
      {({ decision, steps, load }) => (
        <>
          <section class="panel decision" aria-label="Decision">
            {tellDecision(decision as Decision).map((sentence) => (
              <p key={sentence}>
                <strong>{sentence}</strong>
              </p>
            ))}
            <p class="quiet">
              {load.youngest_ms === null
                ? 'No node told its load yet.'
                : `Decided by load that is ${formatSeconds(load.youngest_ms / 1_000)} old.`}
            </p>
          </section>
          <h2>Everything that was considered</h2>
          <DataTable label="Steps" rows={steps} keyOf={(step) => `${steps.indexOf(step)}`} columns={STEPS} />
          <ChangePanel question={Object.fromEntries(new URLSearchParams(query))} onSaved={resource.reload} />
        </>
      )}
    </ResourceView>
  );
}
