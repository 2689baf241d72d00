package io.keelson.dist.join;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code keelson token list}. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the tokens of the cluster.")
final class TokenListCommand implements Callable<Integer> {
    private static final String ROW = "%-25s %-11s %-22s %-24s %-58s %s%n";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ReachedCluster cluster;

    @Override
    public Integer call() {
        return cluster.with((config, client) -> {
            PrintWriter out = spec.commandLine().getOut();
            Instant now = InstantSource.system().instant();
            out.printf(Locale.ROOT, ROW, "TOKEN", "TTL", "EXPIRES", "USAGES", "DESCRIPTION", "EXTRA GROUPS");
            for (Tokens.Known known : new Tokens(client).list()) {
                out.printf(
                        Locale.ROOT,
                        ROW,
                        known.token().text(),
                        known.end().map(end -> left(now, end)).orElse("<forever>"),
                        known.end().map(Instant::toString).orElse("<never>"),
                        orNone(known.usages()),
                        known.description().isEmpty() ? "<none>" : known.description(),
                        orNone(known.groups()));
            }
        });
    }

    private static String orNone(List<String> words) {
        return words.isEmpty() ? "<none>" : String.join(",", words);
    }

    private static String left(Instant now, Instant end) {
        Duration left = Duration.between(now, end);
        if (left.isNegative()) {
            return "<invalid>";
        }
        if (left.toDays() >= 1) {
            return left.toDays() + "d";
        }
        if (left.toHours() >= 1) {
            return left.toHours() + "h";
        }
        return left.toMinutes() >= 1 ? left.toMinutes() + "m" : left.toSeconds() + "s";
    }
}
