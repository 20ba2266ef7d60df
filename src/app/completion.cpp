#include "jetpinn/app/completion.hpp"

#include "jetpinn/app/command_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace jetpinn {
namespace {

using Commands = std::vector<CommandWords>;

// 'text' as a word of any of the shells.
std::string quoted(const std::string& text, const char* quote_inside = "'\\''") {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string(quote_inside) : std::string(1, c);
  return out + "'";
}

const char* name_of(WordKind::Kind kind) {
  switch (kind) {
    case WordKind::file: return "file";
    case WordKind::folder: return "folder";
    case WordKind::run: return "run";
    case WordKind::config: return "config";
    case WordKind::key: return "key";
    default: return "free";
  }
}

// What the functions of the bash script take: "choices auto never", "file".
std::string bash_kind(const WordKind& kind) {
  return kind.kind == WordKind::choices ? fmt::format("choices {}", fmt::join(kind.words, " ")) : name_of(kind.kind);
}

std::string key_lines() {
  std::string lines;
  for (const KeyWords& key : key_words()) lines += key.key + "\n";
  return lines;
}

// A case of a shell for each key with words of its own.
std::string key_cases(const char* line) {
  std::string cases;
  for (const KeyWords& key : key_words())
    if (!key.words.empty()) cases += fmt::format(fmt::runtime(line), key.key, fmt::join(key.words, " "));
  return cases;
}

std::string bash_script(const Commands& commands) {
  std::string names, options, values, subjects;
  for (const CommandWords& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string list;
    for (const OptionWords& option : command.options)
      for (const std::string& name : option.names) {
        list += (list.empty() ? "" : " ") + name;
        if (option.value.kind != WordKind::none)
          values += fmt::format("    '{} {}') echo '{}' ;;\n", command.name, name, bash_kind(option.value));
      }
    options += fmt::format("    {}) echo '{}' ;;\n", command.name, list);
    for (std::size_t s = 0; s < command.subjects.size(); ++s)
      subjects += fmt::format("    '{} {}') echo '{}' ;;\n", command.name, s, bash_kind(command.subjects[s].value));
  }
  return R"sh(# bash completion for jetpinn, printed by `jetpinn completion bash`.

_jetpinn_options() {
  case $1 in
)sh" + options +
         R"sh(  esac
}

# What the value of an option is: "file", "choices a b", ...; nothing for a flag.
_jetpinn_value() {
  case "$1 $2" in
)sh" + values +
         R"sh(  esac
}

# The same for the words that stand alone, by their number.
_jetpinn_subject() {
  case "$1 $2" in
)sh" + subjects +
         R"sh(  esac
}

_jetpinn_key_words() {
  case $1 in
)sh" + key_cases("    {}*) echo '{}' ;;\n") +
         R"sh(  esac
}

_jetpinn_keys() {
  cat <<'END'
)sh" + key_lines() +
         R"sh(END
}

# Folders that are runs or lead to some; all folders where there is none.
_jetpinn_runs() {
  local folder found=()
  while IFS= read -r folder; do
    { [ -f "$folder/config.toml" ] || compgen -G "$folder/*/config.toml" )sh"
         R"sh(>/dev/null || compgen -G "$folder/*/*/config.toml" >/dev/null; } && found+=("$folder")
  done < <(compgen -d -- "$1")
  if [ ${#found[@]} -gt 0 ]; then printf '%s\n' "${found[@]}"; else compgen -d -- "$1"; fi
}

_jetpinn_complete() {
  local kind=$1 current=$2
  local words=${kind#* }
  case ${kind%% *} in
    choices) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    folder) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    run) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(_jetpinn_runs "$current") ;;
    config) compopt -o filenames 2>/dev/null; )sh"
         R"sh(mapfile -t COMPREPLY < <(compgen -f -X '!*.toml' -- "$current"; compgen -d -- "$current") ;;
    key)
      if [[ $current == *=* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_jetpinn_key_words "$current")" -P "${current%%=*}=" -- "${current#*=}")
      else
        compopt -o nospace 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -W "$(_jetpinn_keys)" -- "$current")
      fi ;;
  esac
}

_jetpinn() {
  local word words=() glue=0
  # "=" divides words where COMP_WORDBREAKS holds it: --device=cpu are three.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $word == = && ${#words[@]} -gt 0 ]]; then
      words[${#words[@]}-1]+='='
      glue=1
    elif [ "$glue" -eq 1 ]; then
      words[${#words[@]}-1]+=$word
      glue=0
    else
      words+=("$word")
    fi
  done
  local last=$((${#words[@]} - 1))
  local current=${words[last]} command="" awaited="" number=0 i
  for ((i = 0; i < last; i++)); do
    word=${words[i]}
    if [ -n "$awaited" ]; then
      awaited=""
    elif [[ $word == --*=* ]]; then
      :
    elif [[ $word == -* ]]; then
      awaited=$(_jetpinn_value "$command" "$word")
    elif [ -z "$command" ]; then
      command=$word
    else
      number=$((number + 1))
    fi
  done
  COMPREPLY=()
  local before=""
  if [ -n "$awaited" ]; then
    _jetpinn_complete "$awaited" "$current"
    [[ $current != *=* ]] || before=${current%%=*}=
  elif [[ $current == --*=* ]]; then
    before=${current%%=*}=
    _jetpinn_complete "$(_jetpinn_value "$command" "${current%%=*}")" "${current#*=}"
    COMPREPLY=("${COMPREPLY[@]/#/$before}")
    [[ ${current#*=} != *=* ]] || before=${current%=*}=
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_jetpinn_options "$command") --help --version" -- "$current")
  elif [ -z "$command" ]; then
    mapfile -t COMPREPLY < <(compgen -W ")sh" +
         names + R"sh(" -- "$current")
  else
    _jetpinn_complete "$(_jetpinn_subject "$command" "$number")" "$current"
  fi
  # What readline replaces begins behind the "=".
  if [ -n "$before" ] && [[ $COMP_WORDBREAKS == *=* ]]; then COMPREPLY=("${COMPREPLY[@]#"$before"}"); fi
}

complete -F _jetpinn jetpinn
)sh";
}

// Texts in the brackets and between the colons of _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const WordKind& kind) {
  switch (kind.kind) {
    case WordKind::choices: return fmt::format("({})", fmt::join(kind.words, " "));
    case WordKind::file: return "_files";
    case WordKind::folder: return "_files -/";
    case WordKind::run: return "_jetpinn_runs";
    case WordKind::config: return "_files -g \"*.toml\"";
    case WordKind::key: return "_jetpinn_keys";
    default: return " ";
  }
}

std::string zsh_script(const Commands& commands) {
  std::string names, cases;
  for (const CommandWords& command : commands) {
    names += "    " + quoted(zsh_text(command.name) + ":" + command.doc) + "\n";
    cases += "        " + command.name + ")\n          _arguments -s";
    for (const OptionWords& option : command.options)
      for (const std::string& name : option.names) {
        const std::string value = option.value.kind == WordKind::none ? "" : ":value:" + zsh_action(option.value);
        cases += " \\\n            " +
                 quoted(std::string(option.repeats ? "*" : "") + name +
                        (name.rfind("--", 0) == 0 && !value.empty() ? "=" : "") + "[" + zsh_text(option.doc) + "]" + value);
      }
    for (const OptionWords& subject : command.subjects)
      cases += " \\\n            " + quoted(":" + zsh_text(subject.names.front()) + ":" + zsh_action(subject.value));
    cases += " ;;\n";
  }
  return R"sh(#compdef jetpinn
# zsh completion for jetpinn, printed by `jetpinn completion zsh`.

_jetpinn_runs() {
  local -a runs
  runs=(*/config.toml(N:h) */*/config.toml(N:h))
  if (( $#runs )) && [[ $PREFIX != /* && $PREFIX != ..* ]]; then
    _multi_parts / runs && return
  fi
  _files -/
}

_jetpinn_keys() {
  local -a keys words
  if compset -P '*='; then
    case $IPREFIX in
)sh" + key_cases("      *{}*) words=({}) ;;\n") +
         R"sh(    esac
    compadd -a words
  else
    keys=(${(f)"$(<<'END'
)sh" + key_lines() +
         R"sh(END
    )"})
    compadd -S '' -a keys
  fi
}

_jetpinn() {
  local context state line
  typeset -A opt_args
  local -a commands
  commands=(
)sh" + names +
         R"sh(  )
  _arguments -C '(- *)--help[Print this and leave]' )sh"
         R"sh('(- *)--version[Print the version of jetpinn and of every library in it]' '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands 'command' commands ;;
    rest)
      case $words[1] in
)sh" + cases +
         R"sh(      esac ;;
  esac
}

_jetpinn "$@"
)sh";
}

std::string fish_values(const WordKind& kind) {
  switch (kind.kind) {
    case WordKind::choices: return fmt::format(" -x -a '{}'", fmt::join(kind.words, " "));
    case WordKind::file: return " -r -F";
    case WordKind::folder: return " -x -a '(__fish_complete_directories)'";
    case WordKind::run: return " -x -a '(__jetpinn_runs)'";
    case WordKind::config: return " -x -a '(__jetpinn_configs)'";
    case WordKind::key: return " -x -a '(__jetpinn_keys)'";
    case WordKind::free: return " -x";
    case WordKind::none: break;
  }
  return "";
}

std::string fish_script(const Commands& commands) {
  std::string names, lines;
  for (const CommandWords& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    lines +=
        fmt::format("complete -c jetpinn -n __jetpinn_no_command -a {} -d {}\n", command.name, quoted(command.doc, "\\'"));
    const std::string of = fmt::format("complete -c jetpinn -n '__fish_seen_subcommand_from {}'", command.name);
    for (const OptionWords& option : command.options)
      for (const std::string& name : option.names)
        lines += of + (name.rfind("--", 0) == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1)) +
                 fish_values(option.value) + " -d " + quoted(option.doc, "\\'") + "\n";
    for (std::size_t s = 0; s < command.subjects.size(); ++s)
      lines += fmt::format("complete -c jetpinn -n '__jetpinn_subject {} {}'{}\n", command.name, s,
                           fish_values(command.subjects[s].value));
  }
  return R"sh(# fish completion for jetpinn, printed by `jetpinn completion fish`.

function __jetpinn_no_command
    not __fish_seen_subcommand_from )sh" + names + R"sh(
end

# Whether the word to complete is the subject of this number: those before it are counted roughly, an option's value as none.
function __jetpinn_subject
    set -l words (commandline -opc)
    set -l number -1
    set -l command ''
    set -l value 0
    for word in $words[2..-1]
        if string match -q -- '-*' $word
            set value (string match -q -- '*=*' $word; and echo 0; or echo 1)
        else if test $value -eq 1
            set value 0
        else
            set number (math $number + 1)
            test $number -eq 0; and set command $word
        end
    end
    test "$command" = $argv[1]; and test $number -eq $argv[2]
end

function __jetpinn_configs
    set -l token (commandline -ct)
    for file in $token*.toml
        echo $file
    end
    __fish_complete_directories $token
end

function __jetpinn_runs
    set -l token (commandline -ct)
    for file in $token*/config.toml $token*/*/config.toml
        string replace -r '/config.toml$' '' $file
    end
    __fish_complete_directories $token
end

function __jetpinn_keys
    set -l token (commandline -ct | string replace -r '^--[a-z-]+=' '')
    if string match -q '*=*' -- $token
        set -l key (string replace -r '=.*' '=' -- $token)
        switch $key
)sh" + key_cases("            case '{}'\n                printf \"$key%s\\n\" {}\n") + R"sh(        end
    else
        string split \n -- ')sh" + key_lines() + R"sh('
    end
end

complete -c jetpinn -f
complete -c jetpinn -l help -s h -d 'Print this and leave'
complete -c jetpinn -l version -d 'Print the version of jetpinn and of every library in it'
)sh" + lines;
}

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> names{"bash", "zsh", "fish"};
  return names;
}

std::string completion_script(const std::string& shell) {
  const CommandTable table;
  const Commands commands = command_words(table);
  return shell == "zsh" ? zsh_script(commands) : shell == "fish" ? fish_script(commands) : bash_script(commands);
}

}  // namespace jetpinn
