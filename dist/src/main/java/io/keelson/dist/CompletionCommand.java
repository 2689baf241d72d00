package io.keelson.dist;

import io.keelson.kvstore.cli.Completion;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keelson completion}: to be sourced by a shell, for example {@code source <(keelson completion bash)}. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a completion script: source <(keelson completion bash), or the way of another shell.")
final class CompletionCommand implements Runnable {
    /** The shells that are known, as they are named on the command line. */
    enum Shell {
        bash,
        zsh,
        fish,
        powershell
    }

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (shell) {
                    case bash -> Completion.bash();
                    case zsh -> Completion.zsh();
                    case fish -> Completion.fish();
                    case powershell -> Completion.powershell();
                });
        out.flush();
    }
}
