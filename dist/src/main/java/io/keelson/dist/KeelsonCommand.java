package io.keelson.dist;

import io.keelson.agent.command.AgentCommand;
import io.keelson.agent.dns.DnsCommand;
import io.keelson.agent.embedded.assembly.CriCommand;
import io.keelson.agent.embedded.images.command.ImageCommand;
import io.keelson.apiserver.server.ApiServerCommand;
import io.keelson.cloud.command.CloudControllerManagerCommand;
import io.keelson.controllers.hollow.NodesCommand;
import io.keelson.controllers.manager.ControllerManagerCommand;
import io.keelson.dist.history.DiffCommand;
import io.keelson.dist.history.GetCommand;
import io.keelson.dist.history.HistoryCommand;
import io.keelson.dist.history.RestoreCommand;
import io.keelson.dist.join.TokenCommand;
import io.keelson.dist.page.PageCommand;
import io.keelson.dist.up.DownCommand;
import io.keelson.dist.up.StatusCommand;
import io.keelson.dist.up.UninstallCommand;
import io.keelson.dist.up.UpCommand;
import io.keelson.dist.up.check.CheckCommand;
import io.keelson.kvstore.server.ServerCommand;
import io.keelson.metrics.MetricsServerCommand;
import io.keelson.proxy.ProxyCommand;
import io.keelson.scheduler.SchedulerCommand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        description = "Kubernetes' machinery on the JVM.")
final class KeelsonCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** The commands, in the order in which they are listed. */
    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        for (Class<?> command : List.of(
                UpCommand.class,
                DownCommand.class,
                StatusCommand.class,
                CheckCommand.class,
                UninstallCommand.class,
                PageCommand.class,
                HistoryCommand.class,
                GetCommand.class,
                DiffCommand.class,
                RestoreCommand.class,
                KvCommand.class,
                ServerCommand.class,
                ApiServerCommand.class,
                ControllerManagerCommand.class,
                CloudControllerManagerCommand.class,
                SchedulerCommand.class,
                AgentCommand.class,
                MetricsServerCommand.class,
                ProxyCommand.class,
                DnsCommand.class,
                CriCommand.class,
                ImageCommand.class,
                TokenCommand.class,
                NodesCommand.class,
                BenchCommand.class,
                VersionCommand.class,
                CompletionCommand.class)) {
            commands.put(command.getAnnotation(Command.class).name(), command);
        }
        return commands;
    }

    /**
     * Runs a command; its exit code. Only that one is made ready: the options of all take a good part of a start to
     * read.
     */
    static int execute(String[] arguments) {
        Class<?> command = arguments.length == 0 ? null : commands().get(arguments[0]);
        CommandLine commandLine = command == null || command == CompletionCommand.class
                ? commandLine()
                : readingTruthValues(new CommandLine(new KeelsonCommand()).addSubcommand(command));
        return commandLine.execute(arguments);
    }

    /** All commands. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new KeelsonCommand());
        commands().values().forEach(commandLine::addSubcommand);
        return readingTruthValues(commandLine);
    }

    /** In its commands, too, which must have been added before. */
    private static CommandLine readingTruthValues(CommandLine commandLine) {
        return commandLine
                .registerConverter(Boolean.class, new TruthValue())
                .registerConverter(Boolean.TYPE, new TruthValue());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
