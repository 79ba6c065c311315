import { useEffect, useRef } from 'preact/hooks';
import type { CallDetail } from '../api/contract.ts';
import { usePolling, useResource } from '../api/resource.ts';
import { BASE, goTo } from '../location.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Mark } from '../parts/mark.tsx';
import { ResourceView } from '../parts/resource-view.tsx';
import { Empty } from '../parts/states.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { useSession } from '../session.ts';
import { formatSeconds } from '../time/duration.ts';
import { Moment } from '../time/moment.tsx';
import { CdrTab } from './cdr-tab.tsx';
import { EventTable } from './event-table.tsx';
import { homerAddress } from './homer.ts';
import { LadderView } from './ladder-view.tsx';
import { LegTable } from './leg-table.tsx';
import { QualityTab } from './quality-tab.tsx';
import { Recordings } from './recordings.tsx';
import { tellCall } from './sentence.ts';
import { dispositionTone } from './tone.ts';

const ASSEMBLED_MS = 2_000;

/** One call, found by its id, a superseded id, a leg's uuid or a Call-ID. */
export function CallPage({ id }: { id: string }) {
  const { api } = useSession();
  const asked = useRef(id);
  const own = useRef<string | undefined>(undefined);
  // not when the address only became that of the call that is shown: it would vanish while it is asked for again
  if (id !== own.current) asked.current = id;
  const resource = useResource(asked.current, (signal) =>
    api.ask<CallDetail>(`/v1/calls/${encodeURIComponent(asked.current)}`, { signal }),
  );
  const { data, problem, reload } = resource;
  own.current = data?.id;
  const isLive = data?.state === 'live';
  usePolling(isLive ? reload : doNothing, ASSEMBLED_MS);

  useEffect(() => {
    // the address that stays right: that of the call itself
    if (data !== undefined && data.id !== id) goTo(`/calls/${data.id}`, { replace: true });
  }, [data, id]);

  if (problem?.status === 404) {
    return (
      <>
        <h1 class="unseen">Call</h1>
        <Empty title="There is no such call">
          <p>
            Nothing is known of <code>{id}</code>: it may be younger than a few seconds, older than what is
            kept, or not yours.
          </p>
          <p>
            <a href={`${BASE}/calls`}>Search calls</a>
          </p>
        </Empty>
      </>
    );
  }
  return (
    <>
      {data === undefined && <h1 class="unseen">Call</h1>}
      <ResourceView resource={resource} what="Looking for the call">
        {(call) => <Told key={asked.current} call={call} />}
      </ResourceView>
    </>
  );
}

function doNothing(): void {
  // a finished call is not asked for again
}

function Told({ call }: { call: CallDetail }) {
  const events = call.timeline;
  return (
    <>
      <header class="page-head">
        <h1 class="sentence">{tellCall(call, Date.now() * 1_000)}</h1>
        <p class="facts">
          <Mark tone={dispositionTone(call)}>{call.disposition ?? call.state}</Mark>
          <span>
            <Moment us={call.start_us} precision="ms" />
          </span>
          {call.is_corrected && (
            <span class="note">
              Corrected: evidence that came after it was finished changed it (revision {call.revision}).
            </span>
          )}
          {call.state === 'live' && (
            <span class="note">Still being assembled: what is shown may change.</span>
          )}
        </p>
      </header>
      {!call.timeline_complete && (
        <p class="old-numbers">
          This call has more events than are shown here: those after the last one are left out.
        </p>
      )}
      <Facts call={call} />
      <Tabs
        label="Views of the call"
        tabs={[
          { name: 'Ladder', render: () => <LadderView call={call} events={events} /> },
          { name: 'Legs', count: call.legs.length, render: () => <LegTable legs={call.legs} /> },
          { name: 'Events', count: events.length, render: () => <EventTable events={events} /> },
          ...(call.recording_paths.length > 0
            ? [
                {
                  name: 'Recordings',
                  count: call.recording_paths.length,
                  render: () => <Recordings id={call.id} />,
                },
              ]
            : []),
          { name: 'Quality', render: () => <QualityTab call={call} /> },
          { name: 'Raw CDRs', render: () => <CdrTab legs={call.legs} /> },
        ]}
      />
    </>
  );
}

function Facts({ call }: { call: CallDetail }) {
  const callIds = [
    ...new Set(call.legs.flatMap(({ sip_call_id }) => (sip_call_id === null ? [] : [sip_call_id]))),
  ];
  const facts: readonly (readonly [string, string | null])[] = [
    ['Caller', callerOf(call)],
    ['Called', call.callee],
    ['Domain', call.domain],
    ['Tenant', call.tenant],
    ['Direction', call.direction],
    ['DID', call.did],
    ['Trunk', call.trunk],
    ['Rang after', call.pdd_ms === null ? null : `${call.pdd_ms} ms`],
    ['Talk', call.billsec === null ? null : formatSeconds(call.billsec)],
    ['Answered by', call.answered_by],
    ['Hangup cause', call.hangup_cause],
    ['Hung up by', call.hangup_by],
    ['MOS, worst leg', call.mos === null ? null : call.mos.toFixed(2)],
  ];
  return (
    <dl class="facts-grid">
      {facts.flatMap(([name, value]) =>
        value === null
          ? []
          : [
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>,
            ],
      )}
      <div class="wide">
        <dt>Call</dt>
        <dd>
          <code>{call.id}</code> <CopyButton text={call.id} what="the call's id" />
        </dd>
      </div>
      {callIds.map((callId) => (
        <div key={callId} class="wide">
          <dt>SIP Call-ID</dt>
          <dd>
            <code>{callId}</code> <CopyButton text={callId} what={`Call-ID ${callId}`} />{' '}
            <HomerLink call={call} callId={callId} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** To the packets of one dialog, where somebody said where Homer is. */
function HomerLink({ call, callId }: { call: CallDetail; callId: string }) {
  const { access } = useSession();
  const address = homerAddress(access.homer_url, { call, callId });
  if (address === undefined) return null;
  return (
    <a href={address} target="_blank" rel="noreferrer noopener">
      packets in Homer
    </a>
  );
}

function callerOf({ caller_id_name: name, caller }: CallDetail): string | null {
  return [...new Set([name, caller])].filter((part) => part !== null && part !== '').join(', ') || null;
}
