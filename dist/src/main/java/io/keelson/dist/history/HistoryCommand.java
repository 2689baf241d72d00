package io.keelson.dist.history;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson history deploy/web}: what has become of an object. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the versions of an object that the store has kept, the newest first, and what changed in each.",
            "Works for objects that are no more, too."
        })
public final class HistoryCommand implements Callable<Integer> {
    private static final int CHANGES_SHOWN = 4;
    private static final int VERSIONS_AT_ONCE = 50;
    /** An object whose status changes all day has more than anybody would wait for. */
    private static final int VERSIONS_MAX = 1000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private Asked asked;

    @Option(
            names = "--limit",
            defaultValue = "20",
            paramLabel = "N",
            description = "How many versions at most. Default: 20")
    private int limit;

    @Option(names = "--status", description = "Changes of the status count, too, not only what somebody wants.")
    private boolean withStatus;

    @Override
    public Integer call() throws InterruptedException {
        return asked.with(true, cluster -> {
            if (limit < 1) {
                throw new IllegalArgumentException("--limit is at least 1, not " + limit);
            }
            return tell(cluster, versions(cluster));
        });
    }

    /** So many as it takes to have enough of those that are shown; one more, to compare the oldest with. */
    private Past.Versions versions(Asked.Cluster cluster) throws ApiRefusal, InterruptedException {
        List<Past.Version> all = new ArrayList<>();
        long from = cluster.past().now();
        while (true) {
            Past.Versions page = cluster.past()
                    .versions(cluster.kind(), cluster.namespace(), cluster.name(), from, VERSIONS_AT_ONCE);
            all.addAll(page.newestFirst());
            boolean more = !page.whole() && !page.forgotten();
            if (!more || all.size() >= VERSIONS_MAX || shown(all) > limit) {
                return new Past.Versions(all, page.whole(), page.forgotten());
            }
            from = page.newestFirst().getLast().revision() - 1;
        }
    }

    private long shown(List<Past.Version> all) {
        long shown = 0;
        for (int i = 0; i + 1 < all.size(); i++) {
            shown += change(all.get(i + 1).object(), all.get(i).object()).isEmpty() ? 0 : 1;
        }
        return shown;
    }

    private int tell(Asked.Cluster cluster, Past.Versions versions) {
        PrintWriter out = spec.commandLine().getOut();
        List<Past.Version> all = versions.newestFirst();
        if (all.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("Error from server: " + cluster.title() + " not found"
                            + (versions.forgotten() ? "" : ", now or in what the store has kept"));
            return 1;
        }
        out.printf(Locale.ROOT, "%-10s %-21s %-24s %s%n", "REVISION", "TIME", "BY", "CHANGE");
        int left = limit;
        for (int i = 0; i < all.size() && left > 0; i++) {
            Past.Version version = all.get(i);
            boolean first = i + 1 == all.size();
            String change = first && !versions.whole()
                    ? "(older versions are " + (versions.forgotten() ? "compacted)" : "not shown)")
                    : change(first ? Optional.empty() : all.get(i + 1).object(), version.object());
            if (change.isEmpty()) {
                continue;
            }
            left--;
            Writer writer = Writer.of(first ? Optional.empty() : all.get(i + 1).object(), version.object());
            out.printf(
                    Locale.ROOT, "%-10d %-21s %-24s %s%n", version.revision(), writer.time(), writer.manager(), change);
        }
        out.flush();
        return 0;
    }

    private String change(Optional<JsonNode> before, Optional<JsonNode> after) {
        if (after.isEmpty()) {
            return "deleted";
        }
        if (before.isEmpty()) {
            return "created";
        }
        List<String> changes = Changes.between(before.get(), after.get()).stream()
                .filter(line -> withStatus || !line.startsWith("status"))
                .toList();
        String more = changes.size() > CHANGES_SHOWN ? ", … (" + changes.size() + " changes)" : "";
        return String.join(", ", changes.subList(0, Math.min(CHANGES_SHOWN, changes.size()))) + more;
    }

    /** Who wrote a version, as the object itself tells. */
    private record Writer(String time, String manager) {
        static Writer of(Optional<JsonNode> before, Optional<JsonNode> after) {
            Set<JsonNode> known = new HashSet<>();
            before.ifPresent(
                    object -> object.path("metadata").path("managedFields").forEach(known::add));
            Writer last = new Writer("", "");
            boolean isNew = false;
            if (after.isPresent()) {
                for (JsonNode entry : after.get().path("metadata").path("managedFields")) {
                    boolean entryIsNew = !known.contains(entry);
                    String time = entry.path("time").asText("");
                    // What has changed tells who it was; else who was the last. Times in UTC are in order as texts.
                    if ((entryIsNew && !isNew) || (entryIsNew == isNew && time.compareTo(last.time()) >= 0)) {
                        last = new Writer(time, entry.path("manager").asText(""));
                        isNew = entryIsNew;
                    }
                }
            }
            return last;
        }
    }
}
