-- The merger looks every two seconds for ended registrations that may be forgotten: few rows among all phones.
create index registrations_ended on registrations (registered_at) where is_ended;
