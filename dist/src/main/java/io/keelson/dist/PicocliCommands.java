package io.keelson.dist;

import io.keelson.kvstore.cli.Command;
import io.keelson.kvstore.cli.Flag;
import io.keelson.kvstore.cli.ProgramCommands;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What picocli knows of the commands and their flags; without the commands that read their words by themselves. */
public final class PicocliCommands implements ProgramCommands {
    @Override
    public Command program() {
        return command("", KeelsonCommand.commandLine().getCommandSpec());
    }

    private static Command command(String path, CommandSpec spec) {
        List<Command> children = new ArrayList<>();
        for (CommandLine child : spec.subcommands().values()) {
            CommandSpec childSpec = child.getCommandSpec();
            boolean readsItself = childSpec.options().isEmpty()
                    && !childSpec.unmatchedArgsBindings().isEmpty();
            if (!readsItself) {
                children.add(command(path.isEmpty() ? childSpec.name() : path + " " + childSpec.name(), childSpec));
            }
        }
        return Command.group(
                path, spec.name(), String.join(" ", spec.usageMessage().description()), flags(spec), children);
    }

    private static List<Flag> flags(CommandSpec spec) {
        List<Flag> flags = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            if (option.hidden()) {
                continue;
            }
            char letter = letter(option);
            for (String name : option.names()) {
                if (name.startsWith("--")) {
                    flags.add(flag(name.substring(2), option).withLetter(letter));
                    letter = 0;
                }
            }
        }
        return flags;
    }

    private static Flag flag(String name, OptionSpec option) {
        String usage = String.join(" ", option.description());
        // What can do without a value is given one behind an equals sign, as with kube-apiserver.
        return option.arity().min() > 0 ? Flag.string(name, "", usage) : Flag.bool(name, usage);
    }

    /** The short form of an option, or 0. */
    private static char letter(OptionSpec option) {
        for (String name : option.names()) {
            if (name.length() == 2) {
                return name.charAt(1);
            }
        }
        return 0;
    }
}
