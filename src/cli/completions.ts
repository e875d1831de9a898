/**
 * Completion scripts, made from the tree of commands: what may follow the words so far, as one table in the script itself, so that
 * completing needs no process. Options and fixed values only; names of deployments and runs are not asked for.
 *
 * @module
 */

import type { AnyCommand } from "./command.ts";

/** One option as a shell offers it. */
interface Flag {
  names: string[];
  description: string;
  /** Whether a value follows. */
  takesValue: boolean;
  /** The values, when they are known. */
  values: string[];
}

/** What may follow the words of one command. */
interface Place {
  /** The words, e.g. `["deployment", "run"]`; empty for the program itself. */
  path: string[];
  commands: { name: string; description: string }[];
  flags: Flag[];
  /** Values of the first argument, when they are known. */
  values: string[];
  takesFile: boolean;
}

/** Every place of the tree, the program itself first. */
export function placesOf(program: AnyCommand, path: string[] = []): Place[] {
  const flags = [
    ...program.options.map((option) => ({
      names: [option.short, option.long].filter((name) => name !== undefined),
      description: option.description,
      takesValue: option.required || option.optional,
      values: option.argChoices ?? [],
    })),
    { names: ["-h", "--help"], description: "show this help", takesValue: false, values: [] },
  ];
  const [first] = program.registeredArguments;
  const place: Place = {
    path,
    commands: program.commands.map((one) => ({ name: one.name(), description: one.description() })),
    flags,
    values: first?.argChoices ?? [],
    takesFile: path.length === 0 || first?.name() === "path" || first?.name() === "dir",
  };
  return [place, ...program.commands.flatMap((one) => placesOf(one, [...path, one.name()]))];
}

/** The script for a shell, ready to be evaluated. */
export function completionScript(program: AnyCommand, shell: "bash" | "zsh" | "fish"): string {
  const places = placesOf(program);
  return { bash, zsh, fish }[shell](program.name(), places);
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Walks along the words that are commands, as every shell has to; the result is in `key`. */
function bash(name: string, places: Place[]): string {
  const known = places.filter((place) => place.path.length > 0).map((place) => quote(place.path.join(" ")));
  const cases = places.map(({ path, commands, flags, values, takesFile }) => {
    const words = [...commands.map((one) => one.name), ...values, ...flags.flatMap((flag) => flag.names)];
    return `    ${quote(path.join(" "))}) words=${quote(words.join(" "))}; files=${takesFile ? 1 : 0} ;;`;
  });
  const valued = places.flatMap(({ path, flags }) =>
    flags.filter((flag) => flag.takesValue).map((flag) => {
      const patterns = flag.names.map((one) => quote(`${path.join(" ")}:${one}`)).join("|");
      return `    ${patterns}) words=${quote(flag.values.join(" "))}; files=${flag.values.length === 0 ? 1 : 0} ;;`;
    })
  );
  return `# ${name} completion for bash
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} key= next= word words= files=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    next="\${key:+$key }$word"
    case $next in
    ${known.join("|")}) key=$next ;;
    esac
  done
  case $key in
${cases.join("\n")}
  esac
  case $key:$prev in
${valued.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  if ((files)); then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _${name} ${name}
`;
}

function zsh(name: string, places: Place[]): string {
  const describe = (text: string) => text.replaceAll(":", "\\:");
  const known = places.filter((place) => place.path.length > 0).map((place) => quote(place.path.join(" ")));
  const cases = places.map(({ path, commands, flags, values, takesFile }) => {
    const words = [
      ...commands.map((one) => quote(`${one.name}:${describe(one.description)}`)),
      ...values.map(quote),
      ...flags.flatMap((flag) => flag.names.map((one) => quote(`${one}:${describe(flag.description)}`))),
    ];
    return `    ${quote(path.join(" "))}) offers=(${words.join(" ")}); files=${takesFile ? 1 : 0} ;;`;
  });
  const valued = places.flatMap(({ path, flags }) =>
    flags.filter((flag) => flag.takesValue).map((flag) => {
      const patterns = flag.names.map((one) => quote(`${path.join(" ")}:${one}`)).join("|");
      return `    ${patterns}) offers=(${flag.values.map(quote).join(" ")}); files=${flag.values.length ? 0 : 1} ;;`;
    })
  );
  return `#compdef ${name}
_${name}() {
  local key= next= word files=0 i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    next="\${key:+$key }$word"
    case $next in
    ${known.join("|")}) key=$next ;;
    esac
  done
  case $key in
${cases.join("\n")}
  esac
  case "$key:\${words[CURRENT-1]}" in
${valued.join("\n")}
  esac
  ((\${#offers})) && _describe ${name} offers
  ((files)) && _files
}
if [[ \$funcstack[1] == _${name} ]]; then
  _${name} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _${name} ${name}
fi
`;
}

function fish(name: string, places: Place[]): string {
  const lines = places.flatMap(({ path, commands, flags, values, takesFile }) => {
    const here = `complete -c ${name} -n ${quote(`__${name}_at ${quote(path.join(" "))}`)}`;
    return [
      ...commands.map((one) => `${here} -f -a ${quote(one.name)} -d ${quote(one.description)}`),
      ...values.map((value) => `${here} -f -a ${quote(value)}`),
      ...flags.map((flag) => {
        const names = flag.names.map((one) => one.startsWith("--") ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`);
        const value = !flag.takesValue ? "" : flag.values.length > 0 ? ` -x -a ${quote(flag.values.join(" "))}` : " -r";
        return `${here} ${names.join(" ")}${value} -d ${quote(flag.description)}`;
      }),
      ...(takesFile ? [`${here} -F`] : commands.length === 0 ? [`${here} -f`] : []),
    ];
  });
  const known = places.filter((place) => place.path.length > 0).map((place) => quote(place.path.join(" ")));
  return `# ${name} completion for fish
function __${name}_at
  set -l key ''
  for word in (commandline -opc)[2..-1]
    set -l next (string trim "$key $word")
    contains -- "$next" ${known.join(" ")}; and set key $next
  end
  test "$key" = "$argv[1]"
end
complete -c ${name} -e
${lines.join("\n")}
`;
}
