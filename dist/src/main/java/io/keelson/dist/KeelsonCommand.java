package io.keelson.dist;

import io.keelson.apiserver.server.ApiServerCommand;
import io.keelson.kvstore.server.ServerCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the commands. */
@Command(
        name = "keelson",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Kubernetes' machinery on the JVM.",
        subcommands = {
            KvCommand.class,
            ServerCommand.class,
            ApiServerCommand.class,
            BenchCommand.class,
            VersionCommand.class,
            CompletionCommand.class
        })
final class KeelsonCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs a command; its exit code. */
    static int execute(String[] arguments) {
        return commandLine().execute(arguments);
    }

    /** All commands. */
    static CommandLine commandLine() {
        return new CommandLine(new KeelsonCommand());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
