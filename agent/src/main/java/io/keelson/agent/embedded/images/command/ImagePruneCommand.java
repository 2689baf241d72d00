package io.keelson.agent.embedded.images.command;

import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.embedded.images.store.StoredImage;
import java.io.PrintWriter;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code image prune}. */
@Command(
        name = "prune",
        mixinStandardHelpOptions = true,
        description = "Removes images that have no name and no container, and what no image needs.")
final class ImagePruneCommand implements Callable<Integer> {
    @ParentCommand
    private ImageCommand parent;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-a", "--all"},
            description = "Images with names, too, if they have no container.")
    private boolean all;

    @Override
    public Integer call() {
        return parent.with(spec, store -> {
            PrintWriter out = spec.commandLine().getOut();
            Set<String> used = store.snapshots().list().stream()
                    .map(Snapshots.Snapshot::imageId)
                    .collect(Collectors.toSet());
            long before = store.usage().bytes();
            for (StoredImage image : store.list()) {
                boolean named = !image.tags().isEmpty() || !image.digests().isEmpty();
                if (!used.contains(image.id().toString()) && (all || !named)) {
                    store.remove(image);
                    out.println("Deleted: " + image.id());
                }
            }
            store.collect();
            out.println("Total reclaimed space: "
                    + Sizes.shown(Math.max(0, before - store.usage().bytes())));
        });
    }
}
