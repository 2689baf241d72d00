package io.keelson.kvstore.cli;

import io.keelson.kvstore.server.config.ServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;

/**
 * Completion scripts for shells, made from the tree of commands and from what {@link ProgramCommands} has beside it:
 * words and flags are in the script, so that completing starts no program. A script walks over the words before the
 * cursor to find the command they belong to; the value of a flag, in a word of its own, is none of a command's words.
 */
public final class Completion {
    private static final String PROGRAM = "keelson";

    private static final List<String> SHELLS = List.of("bash", "fish", "powershell", "zsh");

    private static final Command TOP = top();

    private Completion() {}

    private static Command top() {
        List<Flag> flags = new ArrayList<>();
        List<Command> commands = new ArrayList<>();
        commands.add(CommandTree.ROOT.under("kv"));
        commands.add(Command.of("kvstore", "kvstore", "A member of the store", memberFlags()));
        for (ProgramCommands others : ServiceLoader.load(ProgramCommands.class)) {
            Command program = others.program();
            flags.addAll(program.flags());
            commands.addAll(program.children());
        }
        return Command.group("", "", "", flags, commands);
    }

    /** {@code kv completion}: prints the script for the shell that is named. */
    static void run(Invocation call) {
        List<String> words = call.words();
        if (words.size() != 1) {
            throw KvCommandLine.misused(call.console(), call.command(), "accepts 1 arg(s), received " + words.size());
        }
        String shell = words.getFirst();
        String script = switch (shell) {
            case "bash" -> bash();
            case "fish" -> fish();
            case "powershell" -> powershell();
            case "zsh" -> zsh();
            default ->
                throw KvCommandLine.misused(
                        call.console(),
                        call.command(),
                        "invalid argument " + GoQuote.quote(shell) + " for \"" + KvCommandLine.PROGRAM
                                + " completion\"");
        };
        call.console().print(ByteText.ofText(script));
    }

    /** For bash. */
    public static String bash() {
        return "# bash completion for " + PROGRAM + "\n" + function() + "complete -o default -F _keelson_complete "
                + PROGRAM + "\n";
    }

    /** For zsh, through its emulation of bash's completion. */
    public static String zsh() {
        return "#compdef " + PROGRAM + "\nautoload -U +X bashcompinit && bashcompinit\n" + function()
                + "complete -o default -F _keelson_complete " + PROGRAM + "\n";
    }

    /** For fish. */
    public static String fish() {
        StringBuilder script = new StringBuilder("# fish completion for " + PROGRAM + "\n");
        script.append("""
                function __keelson_valued
                    switch "$argv"
                """);
        for (Command command : commands()) {
            script.append("        case '").append(path(command)).append("'\n            string split ' ' -- '");
            script.append(String.join(" ", valued(command))).append("'\n");
        }
        script.append("""
                    end
                end
                function __keelson_group
                    contains -- "$argv\"""");
        for (Command command : commands()) {
            if (command.isGroup()) {
                script.append(" '").append(path(command)).append("'");
            }
        }
        script.append("\n").append("""
                end
                function __keelson_command
                    set -l at
                    set -l skip no
                    for word in (commandline -opc)
                        if test -z "$at"
                            set at keelson
                        else if test $skip = yes
                            set skip no
                        else if test "$word" = --
                            set at "$at --"
                        else if string match -q -- '-*' $word
                            if contains -- $word (__keelson_valued "$at")
                                set skip yes
                            end
                        else if __keelson_group "$at"
                            set at "$at $word"
                        end
                    end
                    echo $at
                end
                """);
        for (Command command : commands()) {
            appendFish(script, command);
        }
        return script.toString();
    }

    /** For PowerShell. */
    public static String powershell() {
        StringBuilder script = new StringBuilder("# PowerShell completion for " + PROGRAM + "\n");
        script.append("Register-ArgumentCompleter -Native -CommandName '")
                .append(PROGRAM)
                .append("' -ScriptBlock {\n    param($wordToComplete, $commandAst, $cursorPosition)\n");
        appendTable(script, "groups", command -> command.isGroup() ? List.of("yes") : List.of());
        appendTable(script, "valued", Completion::valued);
        appendTable(script, "offered", Completion::offered);
        return script.append("""
                    $at = 'keelson'
                    $skip = $false
                    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
                        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
                        $word = $element.Extent.Text
                        if ($skip) { $skip = $false }
                        elseif ($word -eq '--') { $at = "$at --" }
                        elseif ($word.StartsWith('-')) { $skip = @($valued[$at]) -ccontains $word }
                        elseif (@($groups[$at]) -contains 'yes') { $at = "$at $word" }
                    }
                    if ($skip) { return }
                    @($offered[$at]) | Where-Object { $_ -and $_.StartsWith($wordToComplete) }
                }
                """).toString();
    }

    private static void appendTable(StringBuilder script, String name, Function<Command, List<String>> row) {
        script.append("    $").append(name).append(" = @{\n");
        for (Command command : commands()) {
            script.append("        '").append(path(command)).append("' = @(");
            List<String> words = row.apply(command);
            if (!words.isEmpty()) {
                script.append('\'').append(String.join("', '", words)).append('\'');
            }
            script.append(")\n");
        }
        script.append("    }\n");
    }

    private static void appendFish(StringBuilder script, Command command) {
        String start = "complete -c " + PROGRAM + " -n 'test (__keelson_command) = \"" + path(command) + "\"' ";
        for (Command child : command.children()) {
            script.append(start)
                    .append("-f -a ")
                    .append(child.name())
                    .append(" -d '")
                    .append(singleQuoted(child.summary()))
                    .append("'\n");
        }
        if (takesShell(command)) {
            script.append(start)
                    .append("-f -a '")
                    .append(String.join(" ", SHELLS))
                    .append("'\n");
        }
        for (Flag flag : flags(command)) {
            script.append(start).append("-l ").append(flag.name());
            if (flag.letter() != 0) {
                script.append(" -s ").append(flag.letter());
            }
            if (flag.kind() != Flag.Kind.BOOL) {
                script.append(" -r");
            }
            script.append(" -d '").append(singleQuoted(flag.usage())).append("'\n");
        }
    }

    // Bash cuts what is typed at = : and @ too and hands these over as words: the first loop of the script puts
    // together what is one word for the program.
    private static String function() {
        StringBuilder script = new StringBuilder("""
                _keelson_known() {
                  group='' valued='' offered=''
                  case "$1" in
                """);
        for (Command command : commands()) {
            script.append("    '")
                    .append(path(command))
                    .append("') group='")
                    .append(command.isGroup() ? "yes" : "")
                    .append("' valued='")
                    .append(String.join(" ", valued(command)))
                    .append("' offered='")
                    .append(String.join(" ", offered(command)))
                    .append("' ;;\n");
        }
        return script.append("""
                  esac
                }
                _keelson_complete() {
                  local at='keelson' current='' glue='' skip='' word group valued offered
                  set --
                  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
                    case "$word" in
                      '' | *[!=:@]*)
                        if [ -n "$glue" ]; then
                          current="$current$word"
                        else
                          set -- "$@" "$current"
                          current="$word"
                        fi
                        glue='' ;;
                      *)
                        current="$current$word"
                        glue='yes' ;;
                    esac
                  done
                  for word in "$@"; do
                    _keelson_known "$at"
                    if [ -n "$skip" ]; then
                      skip=''
                    else
                      case "$word" in
                        '') ;;
                        --) at="$at --" ;;
                        -*) case " $valued " in *" $word "*) skip='yes' ;; esac ;;
                        *) if [ -n "$group" ]; then at="$at $word"; fi ;;
                      esac
                    fi
                  done
                  COMPREPLY=()
                  if [ -z "$skip" ]; then
                    _keelson_known "$at"
                    COMPREPLY=($(compgen -W "$offered" -- "$current"))
                  fi
                }
                """).toString();
    }

    /** All commands and groups, each before its children. */
    private static List<Command> commands() {
        List<Command> all = new ArrayList<>();
        collect(TOP, all);
        return all;
    }

    private static void collect(Command command, List<Command> into) {
        into.add(command);
        command.children().forEach(child -> collect(child, into));
    }

    private static List<String> offered(Command command) {
        List<String> words = new ArrayList<>();
        command.children().forEach(child -> words.add(child.name()));
        if (takesShell(command)) {
            words.addAll(SHELLS);
        }
        flags(command).forEach(flag -> words.add("--" + flag.name()));
        return words;
    }

    /** The flags whose value can be the next word, in each form. */
    private static List<String> valued(Command command) {
        List<String> words = new ArrayList<>();
        for (Flag flag : flags(command)) {
            if (flag.kind() != Flag.Kind.BOOL) {
                words.add("--" + flag.name());
                if (flag.letter() != 0) {
                    words.add("-" + flag.letter());
                }
                if (command.path().equals("kvstore")) {
                    words.add("-" + flag.name());
                }
            }
        }
        return words;
    }

    private static boolean takesShell(Command command) {
        return command.path().equals("completion") || command.path().equals("kv completion");
    }

    private static List<Flag> flags(Command command) {
        List<Flag> flags = new ArrayList<>(command.flags());
        if (command.path().startsWith("kv ") || command.path().equals("kv")) {
            flags.addAll(CommandTree.inheritedFlags(command.path().substring(2).strip()));
        }
        return flags;
    }

    private static Flag[] memberFlags() {
        return ServerConfig.offeredFlags().stream()
                .map(flag -> flag.takesValue()
                        ? Flag.string(flag.name(), "", flag.help())
                        : Flag.bool(flag.name(), flag.help()))
                .toArray(Flag[]::new);
    }

    private static String path(Command command) {
        return command.path().isEmpty() ? PROGRAM : PROGRAM + " " + command.path();
    }

    private static String singleQuoted(String text) {
        return text.replace("'", "\\'");
    }
}
