import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command line so far (`trunk add`), and what may come next. */
type Words = readonly (readonly [path: string, next: readonly string[]])[];

/** What each command may be followed by, from the commands themselves. */
export function wordsOf(command: Command, path = ''): Words {
  const names = command.commands.map((each) => each.name());
  const options = command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long]));
  const below = command.commands.flatMap((each) => wordsOf(each, `${path} ${each.name()}`.trim()));
  return [[path, [...names, ...options].sort()], ...below];
}

/** A script that completes commands and options in a shell. */
export function completionScript(shell: Shell, words: Words): string {
  return { bash, zsh, fish }[shell](words);
}

const table = (words: Words) => words.map(([path, next]) => `  ["${path}"]="${next.join(' ')}"`).join('\n');

function bash(words: Words): string {
  return `# switchfleet completion bash > /etc/bash_completion.d/switchfleet
declare -gA _switchfleet_words=(
${table(words).replace('[""]', '["."]')}
)
_switchfleet() {
  local path="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path }$word"
    [[ -n "$word" && -n "\${_switchfleet_words["$next"]+set}" ]] && path="$next"
  done
  COMPREPLY=($(compgen -W "\${_switchfleet_words["\${path:-.}"]}" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _switchfleet switchfleet`;
}

function zsh(words: Words): string {
  return `#compdef switchfleet
# switchfleet completion zsh > "\${fpath[1]}/_switchfleet"
local -A table=(
${words.map(([path, next]) => `  "${path === '' ? '.' : path}" "${next.join(' ')}"`).join('\n')}
)
local path_so_far="" word next
for word in "\${(@)words[2,CURRENT-1]}"; do
  next="\${path_so_far:+$path_so_far }$word"
  (( \${+table[$next]} )) && path_so_far="$next"
done
compadd -- \${=table[\${path_so_far:-.}]}`;
}

function fish(words: Words): string {
  const lines = words.map(([path, next]) => {
    const condition = path === '' ? '__switchfleet_at' : `__switchfleet_at ${path}`;
    return `complete -c switchfleet -f -n '${condition}' -a '${next.join(' ')}'`;
  });
  return `# switchfleet completion fish > ~/.config/fish/completions/switchfleet.fish
function __switchfleet_at
  set -l given (commandline -opc)[2..-1]
  set -l words
  for word in $given
    string match -q -- '-*' $word; or set -a words $word
  end
  test "$words" = "$argv"
end
${lines.join('\n')}`;
}
