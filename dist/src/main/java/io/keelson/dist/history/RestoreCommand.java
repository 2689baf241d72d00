package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.controllers.kinds.Kind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson restore deploy/web --at -10m}: makes an object what it was. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes an object what it was at a moment: what it says of itself and what it wants, not its status.",
            "An object that is no more is made anew. Controllers do the rest."
        })
public final class RestoreCommand implements Callable<Integer> {
    /** What an object is given by the API, and an object made anew gets anew. */
    private static final List<String> GIVEN = List.of(
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "selfLink");

    @Spec
    private CommandSpec spec;

    @Mixin
    private Asked asked;

    @Option(
            names = "--at",
            required = true,
            paramLabel = "REVISION|TIME|-SPAN",
            description = "A resource version, a time as 2026-11-30T10:00:00Z, or how long ago, as -10m")
    private String at;

    @Option(names = "--dry-run", description = "Have the API check it and say what would be, and change nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        return asked.with(true, cluster -> {
            long revision = cluster.moments().revision(at);
            JsonNode then = cluster.past()
                    .at(cluster.kind(), cluster.namespace(), cluster.name(), revision)
                    .orElseThrow(
                            () -> new ApiRefusal(404, cluster.title() + " not found at resource version " + revision));
            Optional<JsonNode> now = cluster.past()
                    .at(
                            cluster.kind(),
                            cluster.namespace(),
                            cluster.name(),
                            cluster.past().now());
            boolean same = now.isPresent()
                    && Changes.between(now.get(), then).stream().allMatch(line -> line.startsWith("status"));
            if (!same) {
                write(cluster, then, now);
            }
            spec.commandLine()
                    .getOut()
                    .println(title(cluster.kind())
                            + '/'
                            + cluster.name()
                            + (same ? " is as it was at " : " restored to what it was at ")
                            + revision
                            + (dryRun ? " (dry run)" : ""));
            spec.commandLine().getOut().flush();
            return 0;
        });
    }

    private static String title(Kind kind) {
        return kind.groupResource();
    }

    private void write(Asked.Cluster cluster, JsonNode then, Optional<JsonNode> now)
            throws ApiRefusal, InterruptedException {
        String query = "?fieldManager=keelson-restore" + (dryRun ? "&dryRun=All" : "");
        Kind kind = cluster.kind();
        ObjectNode object = wanted(kind, then);
        if (now.isEmpty()) {
            cluster.calls().post(kind.path(cluster.namespace()) + query, object);
            return;
        }
        // Whatever happened since it was read must not be lost: then the API says that there is a conflict.
        JsonNode metadata = now.get().path("metadata");
        if (object.path("metadata") instanceof ObjectNode own) {
            own.set("resourceVersion", metadata.path("resourceVersion"));
            own.set("uid", metadata.path("uid"));
            // What others do with it now is theirs.
            for (String field : List.of("finalizers", "ownerReferences")) {
                if (metadata.has(field)) {
                    own.set(field, metadata.path(field));
                }
            }
        }
        cluster.calls().put(kind.path(cluster.namespace(), cluster.name()) + query, object);
    }

    /** An object as somebody would write it who wants it so. */
    private static ObjectNode wanted(Kind kind, JsonNode then) {
        ObjectNode object = then.deepCopy();
        object.remove("status");
        // Lists leave out of which kind their objects are.
        object.put("apiVersion", kind.apiVersion());
        object.put("kind", kind.kind());
        if (object.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(GIVEN);
            // Whoever owned it then may be another one by now, or none: controllers take what they own.
            metadata.remove("ownerReferences");
        }
        return object;
    }
}
