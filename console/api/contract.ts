/** Made by `npx node checks/console/write-contract.ts` of /v1/openapi.json: what the console reads of it. */

export type Access = {
  /** of the token */
  name: string;
  role: 'analyst' | 'operator' | 'admin';
  tenant: string | null;
  /** of the tenants that it reaches */
  time_zones: string[];
  homer_url: string | null;
};

export type NodePage = {
  items: {
    /** the host name, unless switch.conf.xml has another */
    switchname: string;
    /** where its event socket listens */
    esl_host: string;
    esl_port: number;
    sip_uri: string | null;
    sip_profile: string;
    region: string | null;
    max_sessions: number | null;
    /** as somebody ordered: see drain, undrain and disable */
    configured_state: 'active' | 'draining' | 'disabled';
    created_at: string;
    state: 'connecting' | 'syncing' | 'live' | 'stale' | 'down' | 'refused' | 'duplicate-switchname' | null;
    reason: string | null;
    state_us: number | null;
    core_uuid: string | null;
    clock_offset_us: number | null;
    /** contacts that are registered there now */
    registrations: number;
    load: {
      core_uuid: string | null;
      collector?: string;
      clock_offset_us?: number | null;
      /** microseconds since 1970-01-01 UTC */
      at_us: number;
      heartbeat_us: number | null;
      /** live channels counted from the event stream */
      sessions: number;
      max_sessions: number | null;
      sessions_per_second: number | null;
      max_sessions_per_second: number | null;
      idle_cpu: number | null;
      uptime_ms: number | null;
      version: string | null;
      sessions_total: number | null;
      sessions_peak: number | null;
      trunks: Record<string, number>;
      pins?: Record<string, number>;
    } | null;
  }[];
  next_cursor: string | null;
};

export type NodeOrder = {
  switchname: string;
  state: string;
  before: string;
  kamailios: {
    host: string;
    problem: string | null;
  }[];
};

export type DiscoveredNodes = {
  items: {
    switchname: string;
    address: string | null;
    esl_host: string | null;
    esl_port: number | null;
    /** the service that saw it */
    seen_by: string;
    reason: string;
    first_seen_at: string;
    last_seen_at: string;
    sightings: number;
  }[];
};

export type CallPage = {
  items: {
    /** derived from the earliest leg by (start, uuid) */
    id: string;
    revision: number;
    merged_into: string | null;
    state: 'live' | 'finished';
    tenant: string | null;
    domain: string | null;
    direction: 'inbound' | 'outbound' | 'internal' | null;
    caller_id_name: string | null;
    caller: string | null;
    callee: string | null;
    did: string | null;
    trunk: string | null;
    nodes: string[];
    legs: string[];
    /** microseconds since 1970-01-01 UTC */
    start_us: number;
    answer_us: number | null;
    end_us: number | null;
    duration: number | null;
    billsec: number | null;
    pdd_ms: number | null;
    hangup_cause: string | null;
    hangup_by: 'caller' | 'callee' | 'system' | null;
    disposition: 'answered' | 'busy' | 'no-answer' | 'cancelled' | 'failed' | 'interrupted' | null;
    answered_by: 'user' | 'external' | 'voicemail' | 'conference' | 'queue' | 'ivr' | null;
    mos: number | null;
    recording_paths: string[];
    transfers: {
      at_us: number | null;
      kind: string;
      to: string | null;
    }[];
    /** RFC 3339, UTC, microseconds */
    start_at: string;
    answer_at: string | null;
    end_at: string | null;
    /** it was finished, and evidence that came later changed it */
    is_corrected: boolean;
  }[];
  next_cursor: string | null;
  /** false: the search ran out of time; `next_cursor` goes on where it stopped */
  complete: boolean;
  searched_to: string | null;
};

export type CallFacets = {
  /** calls that were counted */
  counted: number;
  /** false: there are more; only the newest were counted */
  complete: boolean;
  counted_to: string | null;
  /** by facet, the most frequent values first */
  counts: {
    facet:
      | 'disposition'
      | 'direction'
      | 'node'
      | 'trunk'
      | 'tenant'
      | 'domain'
      | 'hangup_cause'
      | 'answered_by';
    value: string;
    /** a call that was on two nodes counts with both */
    calls: number;
  }[];
};

export type CallDetail = {
  /** derived from the earliest leg by (start, uuid) */
  id: string;
  revision: number;
  merged_into: string | null;
  state: 'live' | 'finished';
  tenant: string | null;
  domain: string | null;
  direction: 'inbound' | 'outbound' | 'internal' | null;
  caller_id_name: string | null;
  caller: string | null;
  callee: string | null;
  did: string | null;
  trunk: string | null;
  nodes: string[];
  legs: {
    uuid: string;
    /** switchname */
    node: string;
    core_uuid: string | null;
    direction: string | null;
    state: string | null;
    /** microseconds since 1970-01-01 UTC */
    start_us: number;
    progress_us: number | null;
    answer_us: number | null;
    end_us: number | null;
    /** RFC 3339, UTC, microseconds */
    start_at: string;
    answer_at: string | null;
    end_at: string | null;
    duration: number | null;
    billsec: number | null;
    caller_id_name: string | null;
    caller_id_number: string | null;
    destination_number: string | null;
    domain: string | null;
    trunk: string | null;
    originator: string | null;
    sip_call_id: string | null;
    sip_status: number | null;
    hangup_cause: string | null;
    ended_by: string | null;
    accountcode: string | null;
    tenant: string | null;
    call_id: string | null;
    /** its node died under it */
    is_interrupted: boolean;
    mos: number | null;
    recording_paths: string[];
    proxy: string | null;
  }[];
  /** microseconds since 1970-01-01 UTC */
  start_us: number;
  answer_us: number | null;
  end_us: number | null;
  duration: number | null;
  billsec: number | null;
  pdd_ms: number | null;
  hangup_cause: string | null;
  hangup_by: 'caller' | 'callee' | 'system' | null;
  disposition: 'answered' | 'busy' | 'no-answer' | 'cancelled' | 'failed' | 'interrupted' | null;
  answered_by: 'user' | 'external' | 'voicemail' | 'conference' | 'queue' | 'ivr' | null;
  mos: number | null;
  recording_paths: string[];
  transfers: {
    at_us: number | null;
    kind: string;
    to: string | null;
  }[];
  /** RFC 3339, UTC, microseconds */
  start_at: string;
  answer_at: string | null;
  end_at: string | null;
  /** it was finished, and evidence that came later changed it */
  is_corrected: boolean;
  /** what it suffered from; empty where a tenant's token sees only a part of it */
  quality: ('one-way' | 'low-mos' | 'jitter' | 'loss' | 'short' | 'long-pdd')[];
  /** events of all legs, in order */
  timeline: {
    /** RFC 3339, UTC, of the node's clock */
    at: string;
    /** microseconds since 1970-01-01 UTC */
    at_us: number;
    /** of the leg */
    uuid: string;
    node: string;
    /** Event-Sequence */
    sequence: number;
    event_name: string;
    event_subclass: string | null;
    headers: Record<string, string>;
  }[];
  /** false: there are more than 2000 events */
  timeline_complete: boolean;
  /** the CDRs of its legs, as long as they are kept */
  cdrs: {
    /** of the leg */
    uuid: string;
    format: 'xml' | 'json';
    node: string;
    /** microseconds since 1970-01-01 UTC */
    received_us: number;
    bytes: number;
    /** the document as FreeSWITCH made it, byte for byte */
    url: string;
  }[];
};

export type Recordings = {
  items: {
    id: string;
    /** of the file */
    name: string;
    /** the server that recorded it */
    node: string;
    /** uuid of the leg that was recorded */
    leg: string;
    url: string;
  }[];
};

export type Kpis = {
  from: string;
  to: string;
  tz: string;
  /** false: there are days with calls and without sums of them */
  complete: boolean;
  missing: {
    /** days (UTC) that have calls and no sums: `switchfleet rollup rebuild` makes them */
    days: number;
    first: string | null;
    last: string | null;
  };
  before: {
    from: string;
    to: string;
  } | null;
  items: {
    step: string | null;
    /** null: the call has none */
    by: {
      tenant?: string | null;
      domain?: string | null;
      direction?: string | null;
      trunk?: string | null;
      node?: string | null;
      did?: string | null;
      prefix?: string | null;
      country?: string | null;
      hangup_cause?: string | null;
      disposition?: string | null;
    };
    figures: {
      /** calls */
      attempts: number;
      answered: number;
      asr: number | null;
      acd: number | null;
      ner: number | null;
      pdd_p50_ms: number | null;
      pdd_p95_ms: number | null;
      /** of talk */
      minutes: number;
      mos: number | null;
      /** calls that have a MOS */
      mos_samples: number;
    };
    before?: {
      /** calls */
      attempts: number;
      answered: number;
      asr: number | null;
      acd: number | null;
      ner: number | null;
      pdd_p50_ms: number | null;
      pdd_p95_ms: number | null;
      /** of talk */
      minutes: number;
      mos: number | null;
      /** calls that have a MOS */
      mos_samples: number;
    } | null;
  }[];
  /** true: there are more lines than `limit` */
  more: boolean;
};

export type Concurrency = {
  from: string;
  to: string;
  tz: string;
  /** false: there are days with calls and without sums of them */
  complete: boolean;
  missing: {
    /** days (UTC) that have calls and no sums: `switchfleet rollup rebuild` makes them */
    days: number;
    first: string | null;
    last: string | null;
  };
  items: {
    /** its beginning, by the clock of the time zone */
    step: string;
    /** the most that were up at once */
    calls: number;
  }[];
};

export type Explanation = {
  decision: Record<string, unknown>;
  steps: {
    /** did, trunk, node or call */
    about: string;
    subject: string;
    /** taken, or why it lost */
    verdict: string;
    figures?: Record<string, unknown>;
  }[];
  load: {
    youngest_ms: number | null;
    nodes: Record<string, number | null>;
  };
};

export type RoutingPreview = {
  item: Record<string, unknown> | null;
  before: {
    decision: Record<string, unknown>;
    steps: {
      /** did, trunk, node or call */
      about: string;
      subject: string;
      /** taken, or why it lost */
      verdict: string;
      figures?: Record<string, unknown>;
    }[];
    load: {
      youngest_ms: number | null;
      nodes: Record<string, number | null>;
    };
  };
  after: {
    decision: Record<string, unknown>;
    steps: {
      /** did, trunk, node or call */
      about: string;
      subject: string;
      /** taken, or why it lost */
      verdict: string;
      figures?: Record<string, unknown>;
    }[];
    load: {
      youngest_ms: number | null;
      nodes: Record<string, number | null>;
    };
  };
};

export type ImportReport = {
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  refused: number;
  /** whether anything was stored */
  is_kept: boolean;
  /** what is wrong with which line: the first thousand */
  errors: {
    line: number;
    field: string;
    reason: string;
  }[];
  errors_left_out: number;
};

export type SystemState = {
  services: {
    service: string;
    instance: string;
    version: string;
    ready: boolean;
    /** why it is not ready */
    reasons: string[];
    started_at: string;
    /** since it said something */
    silent_seconds: number;
    /** for more than 20 s: it does not run, or cannot write */
    is_silent: boolean;
    lag_records: number | null;
    lag_seconds: number | null;
    snapshot_age_seconds: number | null;
  }[];
  consumers: {
    /** consumer group: the service of this name */
    group: string;
    instances: number;
    /** records still to apply */
    lag_records: number;
    /** age of the oldest of them */
    lag_seconds: number;
    /** those that are behind, the furthest first */
    partitions: {
      topic: string;
      partition: number;
      /** still to apply */
      records: number;
      /** age of the oldest of them */
      seconds: number;
    }[];
  }[];
  rejects: {
    reason: string;
    total: number;
    /** not replayed yet */
    open: number;
    last_received_at: string;
  }[];
  tables: {
    table: string;
    /** what a partition holds */
    unit: 'month' | 'day';
    kept: number | null;
    partitions: number;
    oldest: string | null;
    newest: string | null;
    /** with indexes */
    bytes: number;
    /** as PostgreSQL estimates them */
    rows: number;
    /** in the default partition, as PostgreSQL estimates them */
    stray_rows: number;
  }[];
};

export type RejectPage = {
  items: {
    id: string;
    /** cdr-truncated, cdr-malformed, cdr-differs, … */
    reason: string;
    detail: string;
    switch_name: string | null;
    uuid: string | null;
    source_ip: string | null;
    /** microseconds since 1970-01-01 UTC */
    received_us: number;
    /** microseconds since 1970-01-01 UTC */
    last_received_us: number;
    /** how often the same bytes were posted */
    attempts: number;
    replayed_us: number | null;
    bytes: number;
  }[];
  next_cursor: string | null;
};

export type RejectDetail = {
  id: string;
  /** cdr-truncated, cdr-malformed, cdr-differs, … */
  reason: string;
  detail: string;
  switch_name: string | null;
  uuid: string | null;
  source_ip: string | null;
  /** microseconds since 1970-01-01 UTC */
  received_us: number;
  /** microseconds since 1970-01-01 UTC */
  last_received_us: number;
  /** how often the same bytes were posted */
  attempts: number;
  replayed_us: number | null;
  bytes: number;
  path: string;
  content_type: string | null;
  body_base64: string;
};

export type RejectReplayed = {
  /** replayed: posted again as a CDR, for the writer to store; refused: it cannot be read still, or loses to the CDR that is stored (cdr-differs) */
  outcome: 'replayed' | 'refused';
  reason: string | null;
  detail: string | null;
  uuid: string | null;
};

export type AuditPage = {
  items: {
    id: string;
    at: string;
    /** name of the token, or cli:<user> */
    actor: string;
    role: string;
    address: string | null;
    /** create, update, delete, drain, import, open, … */
    action: string;
    /** kind of thing */
    resource: string;
    /** which one, as in its path */
    key: string;
    tenant: string | null;
    before: Record<string, unknown> | null;
    after: Record<string, unknown> | null;
    /** names of secrets that were set; what they are is nowhere */
    secrets: string[];
  }[];
  next_cursor: string | null;
};

export type TokenPage = {
  items: {
    /** what it is for */
    name: string;
    /** each may do more than the one before */
    role: 'analyst' | 'operator' | 'admin';
    tenant: string | null;
    expires_at: string | null;
    created_at: string;
    created_by: string;
    revoked_at: string | null;
    last_used_at: string | null;
  }[];
  next_cursor: string | null;
};
