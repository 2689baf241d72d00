package io.keelson.dist.join;

import io.keelson.agent.join.JoinToken;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keelson token delete}. */
@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description = "Deletes tokens: nobody joins with them any more. Machines that have joined stay.")
final class TokenDeleteCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ReachedCluster cluster;

    @Parameters(arity = "1..*", paramLabel = "ID|TOKEN", description = "As keelson token list shows them")
    private List<String> given;

    @Override
    public Integer call() {
        return cluster.with((config, client) -> {
            // All are looked at before the first one goes.
            List<String> ids = given.stream().map(TokenDeleteCommand::id).toList();
            for (String id : ids) {
                if (!new Tokens(client).delete(id)) {
                    throw new IllegalArgumentException("there is no bootstrap token \"" + id + '"');
                }
                spec.commandLine().getOut().println("bootstrap token \"" + id + "\" deleted");
            }
        });
    }

    private static String id(String text) {
        return text.matches("[a-z0-9]{6}") ? text : JoinToken.parse(text).id();
    }
}
