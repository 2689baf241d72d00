package io.keelson.dist;

import io.keelson.benchmarks.api.ApiBenchCommand;
import io.keelson.benchmarks.load.KvBenchCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The load tools. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Load and measurement.",
        subcommands = {KvBenchCommand.class, ApiBenchCommand.class})
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to load: kv or api");
    }
}
