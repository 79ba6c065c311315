-- A history of another system may hold the first legs only: who answered such a call, nobody says.
comment on column report.calls.answered_by is 'user, external, voicemail, conference, queue or ivr; null: nobody, or nobody says who';
comment on column report.live_calls.answered_by is 'user, external, voicemail, conference, queue or ivr; null: nobody, or nobody says who';
