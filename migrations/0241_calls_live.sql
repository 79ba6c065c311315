-- Whoever asks for calls that are up asks for those without an end, which calls_up has. The rows of this index beyond those were
-- calls in their grace time: written with each call, taken away when it is finished, read by nobody.
drop index calls_live;
