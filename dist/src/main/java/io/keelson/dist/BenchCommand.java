package io.keelson.dist;

import io.keelson.benchmarks.api.ApiBenchCommand;
import io.keelson.benchmarks.controllers.ControllersBenchCommand;
import io.keelson.benchmarks.decision.DecisionBenchCommand;
import io.keelson.benchmarks.load.KvBenchCommand;
import io.keelson.benchmarks.node.NodeBenchCommand;
import io.keelson.benchmarks.proxy.ProxyBenchCommand;
import io.keelson.benchmarks.scheduler.SchedulerBenchCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The load tools. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Load and measurement.",
        subcommands = {
            KvBenchCommand.class,
            ApiBenchCommand.class,
            SchedulerBenchCommand.class,
            DecisionBenchCommand.class,
            ControllersBenchCommand.class,
            ProxyBenchCommand.class,
            NodeBenchCommand.class
        })
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to load: kv, api, scheduler, decisions, controllers, proxy or node");
    }
}
