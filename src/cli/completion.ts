/** `slipway completion`: scripts made of the commands themselves, so that they cannot say anything else. */
import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What an option takes after it: nothing, one of these words, a path, or what only the user knows. */
type Value =
  | { readonly kind: 'none' }
  | { readonly kind: 'file' }
  | { readonly kind: 'free' }
  | { readonly kind: 'choice'; readonly of: readonly string[] };

interface Word {
  readonly word: string;
  readonly about: string;
  readonly value: Value;
}

/** What may follow a chain of commands, such as `runs logs`. */
interface Node {
  readonly chain: string;
  readonly words: readonly Word[];
}

const NO_VALUE: Value = { kind: 'none' };

const takenBy = ({ flags, argChoices, required, optional }: Option): Value => {
  if (argChoices !== undefined) return { kind: 'choice', of: argChoices };
  if (!required && !optional) return NO_VALUE;
  return { kind: /<(file|directory)>$/.test(flags) ? 'file' : 'free' };
};

const argumentsOf = (command: Command): Word[] =>
  command.registeredArguments.flatMap((argument) =>
    (argument.argChoices ?? []).map((word) => ({ word, about: argument.description, value: NO_VALUE })),
  );

const optionsOf = (command: Command): Word[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .map((option) => ({
      word: option.long ?? option.short ?? '',
      about: option.description,
      value: takenBy(option),
    }));

const nodesOf = (command: Command, chain: readonly string[], inherited: readonly Word[]): Node[] => {
  const children = command.commands.map((child) => ({
    word: child.name(),
    about: child.description(),
    value: NO_VALUE,
  }));
  const own = optionsOf(command);
  const words = [
    ...children,
    ...argumentsOf(command),
    ...own,
    ...inherited.filter(({ word }) => !own.some((one) => one.word === word)),
  ];
  const passed = chain.length === 0 ? own.filter(({ word }) => word !== '--version') : inherited;
  return [
    { chain: chain.join(' '), words },
    ...command.commands.flatMap((child) => nodesOf(child, [...chain, child.name()], passed)),
  ];
};

/** In single quotes, where no shell expands anything. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const namesOf = ({ words }: Node): string => words.map(({ word }) => word).join(' ');

const bash = (nodes: readonly Node[]): string => `# slipway completion for bash:  eval "$(slipway completion bash)"
_slipway() {
  local current="\${COMP_WORDS[COMP_CWORD]}" chain="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${chain:+$chain }$word" in
${nodes.map(({ chain }) => (chain === '' ? '' : `      ${quote(chain)}) chain=${quote(chain)} ;;\n`)).join('')}    esac
  done
  case "$chain" in
${nodes.map((node) => `    ${quote(node.chain)}) words=${quote(namesOf(node))} ;;\n`).join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _slipway slipway
`;

const zsh = (nodes: readonly Node[]): string => `#compdef slipway
# slipway completion for zsh:  source <(slipway completion zsh)
_slipway() {
  local chain="" word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${chain:+$chain }$word" in
${nodes.map(({ chain }) => (chain === '' ? '' : `      ${quote(chain)}) chain=${quote(chain)} ;;\n`)).join('')}    esac
  done
  case "$chain" in
${nodes.map((node) => `    ${quote(node.chain)}) entries=(${node.words.map(({ word, about }) => quote(`${word}:${about.replaceAll(':', '\\:')}`)).join(' ')}) ;;\n`).join('')}  esac
  _describe -t commands slipway entries || _files
}
# Found in $fpath this file is the function itself; sourced it has to be made known, if need be to a new zsh.
if [[ "\${funcstack[1]}" == _slipway ]]; then
  _slipway "$@"
else
  (( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit -i }
  compdef _slipway slipway
fi
`;

const fishValue = (value: Value): string => {
  if (value.kind === 'none') return '';
  if (value.kind === 'file') return ' -r -F';
  return value.kind === 'choice' ? ` -x -a ${quote(value.of.join(' '))}` : ' -x';
};

const fish = (nodes: readonly Node[]): string => {
  const lines = nodes.flatMap(({ chain, words }) =>
    words.map(({ word, about, value }) => {
      const entry = word.startsWith('--') ? `-l ${word.slice(2)}${fishValue(value)}` : `-a ${quote(word)}`;
      return `complete -c slipway -n ${quote(`test (__slipway_chain) = "${chain}"`)} ${entry} -d ${quote(about)}`;
    }),
  );
  const chains = nodes.map(({ chain }) => chain).filter((chain) => chain !== '');
  return `# slipway completion for fish:  slipway completion fish | source
function __slipway_chain
  set -l chain ""
  for word in (commandline -opc)[2..-1]
    switch (string trim "$chain $word")
      case ${chains.map(quote).join(' ')}
        set chain (string trim "$chain $word")
    end
  end
  echo "$chain"
end
# Files are offered after the options that take one, and nowhere else.
complete -c slipway -f
${lines.join('\n')}
`;
};

const SCRIPTS: { readonly [Name in Shell]: (nodes: readonly Node[]) => string } = { bash, zsh, fish };

/** The completion script of a shell, for this program as it is. */
export const completionScript = (program: Command, shell: Shell): string => SCRIPTS[shell](nodesOf(program, [], []));
