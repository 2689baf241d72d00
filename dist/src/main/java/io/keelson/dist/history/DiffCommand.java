package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson diff deploy/web --from -10m}: what has changed since. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what has changed in an object between two moments, by the program diff.",
            "Ends with 0 if nothing has, with 1 if something has, and with more on errors, as kubectl diff does."
        })
public final class DiffCommand implements Callable<Integer> {
    private static final int ERROR = 2;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Asked asked;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "REVISION|TIME|-SPAN",
            description = "A resource version, a time as 2026-11-30T10:00:00Z, or how long ago, as -10m")
    private String from;

    @Option(names = "--to", paramLabel = "REVISION|TIME|-SPAN", description = "The same. Default: now")
    private @Nullable String to;

    @Option(names = "--status", description = "Compare the status, too.")
    private boolean withStatus;

    @Override
    public Integer call() throws InterruptedException {
        int code = asked.with(true, cluster -> {
            long first = cluster.moments().revision(from);
            long second = to == null ? cluster.past().now() : cluster.moments().revision(to);
            Optional<JsonNode> before = cluster.past().at(cluster.kind(), cluster.namespace(), cluster.name(), first);
            Optional<JsonNode> after = cluster.past().at(cluster.kind(), cluster.namespace(), cluster.name(), second);
            if (before.isEmpty() && after.isEmpty()) {
                throw new ApiRefusal(404, cluster.title() + " not found at either moment");
            }
            // The codes of errors and of differences are told apart below.
            return differs(cluster, before, first, after, second) ? -1 : 0;
        });
        return code == -1 ? 1 : code == 0 ? 0 : ERROR;
    }

    private boolean differs(
            Asked.Cluster cluster, Optional<JsonNode> before, long first, Optional<JsonNode> after, long second)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("keelson-diff");
        try {
            Path one = Files.writeString(folder.resolve("before"), text(before));
            Path other = Files.writeString(folder.resolve("after"), text(after));
            String title = cluster.kind().resource() + '/' + cluster.name() + " at ";
            Process process = new ProcessBuilder(List.of(
                            "diff",
                            "-u",
                            "--label",
                            title + first,
                            "--label",
                            title + second,
                            one.toString(),
                            other.toString()))
                    .redirectErrorStream(true)
                    .start();
            spec.commandLine()
                    .getOut()
                    .print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            spec.commandLine().getOut().flush();
            int code = process.waitFor();
            if (code > 1) {
                throw new IOException("the program diff ended with " + code);
            }
            return code == 1;
        } finally {
            Files.deleteIfExists(folder.resolve("before"));
            Files.deleteIfExists(folder.resolve("after"));
            Files.delete(folder);
        }
    }

    private String text(Optional<JsonNode> object) {
        return object.map(tree -> {
                    JsonNode readable = Changes.readable(tree);
                    if (!withStatus && readable instanceof ObjectNode whole) {
                        whole.remove("status");
                    }
                    return Texts.yaml(readable);
                })
                .orElse("");
    }
}
