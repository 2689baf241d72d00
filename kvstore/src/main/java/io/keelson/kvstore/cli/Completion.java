package io.keelson.kvstore.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Completion scripts for shells, made from the tree of commands: words and flags are in the script, so that completing
 * starts no program.
 */
public final class Completion {
    private static final String PROGRAM = "keelson";

    private static final Command TOP = Command.group(
            "",
            "",
            "",
            List.of(),
            List.of(
                    CommandTree.ROOT.under("kv"),
                    Command.of("kvstore", "kvstore", "A member of the store"),
                    Command.of("apiserver", "apiserver", "A Kubernetes API server"),
                    Command.group(
                            "bench",
                            "bench",
                            "Load and measurement",
                            List.of(),
                            List.of(
                                    Command.of("bench api", "api", "Drives Kubernetes API servers"),
                                    Command.of("bench kv", "kv", "Drives etcd v3 endpoints"))),
                    Command.of("version", "version", "Versions of Keelson and of the JVM it runs on"),
                    Command.group(
                            "completion",
                            "completion",
                            "Completion scripts",
                            List.of(),
                            List.of(
                                    Command.of("completion bash", "bash", "for bash"),
                                    Command.of("completion fish", "fish", "for fish"),
                                    Command.of("completion zsh", "zsh", "for zsh")))));

    private Completion() {}

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
                function __keelson_path
                    set -l path
                    for word in (commandline -opc)
                        if not string match -q -- '-*' $word
                            set -a path (path basename $word)
                        end
                    end
                    echo "$path"
                end
                """);
        appendFish(script, TOP);
        return script.toString();
    }

    private static void appendFish(StringBuilder script, Command command) {
        String path = path(command);
        String start = "complete -c " + PROGRAM + " -n 'string match -q -- \"" + path
                + (command.isGroup() ? "\"" : "*\"") + " (__keelson_path)' ";
        for (Command child : command.children()) {
            script.append(start)
                    .append("-f -a ")
                    .append(child.name())
                    .append(" -d '")
                    .append(singleQuoted(child.summary()))
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
        for (Command child : command.children()) {
            appendFish(script, child);
        }
    }

    private static String function() {
        StringBuilder script = new StringBuilder("""
                _keelson_complete() {
                  local current="${COMP_WORDS[COMP_CWORD]}" path="" word words
                  for word in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
                    case "$word" in -*) ;; *) path="${path:+$path }${word##*/}" ;; esac
                  done
                  case "$path" in
                """);
        appendCases(script, TOP);
        return script.append("""
                    *) words='' ;;
                  esac
                  COMPREPLY=($(compgen -W "$words" -- "$current"))
                }
                """).toString();
    }

    private static void appendCases(StringBuilder script, Command command) {
        for (Command child : command.children()) {
            appendCases(script, child);
        }
        List<String> words = new ArrayList<>();
        command.children().forEach(child -> words.add(child.name()));
        flags(command).forEach(flag -> words.add("--" + flag.name()));
        script.append("    '")
                .append(path(command))
                .append(command.isGroup() ? "')" : "'*)")
                .append(" words='")
                .append(String.join(" ", words))
                .append("' ;;\n");
    }

    private static List<Flag> flags(Command command) {
        List<Flag> flags = new ArrayList<>(command.flags());
        if (command.path().startsWith("kv ") || command.path().equals("kv")) {
            flags.addAll(CommandTree.GLOBAL_FLAGS);
        }
        return flags;
    }

    private static String path(Command command) {
        return command.path().isEmpty() ? PROGRAM : PROGRAM + " " + command.path();
    }

    private static String singleQuoted(String text) {
        return text.replace("'", "\\'");
    }
}
