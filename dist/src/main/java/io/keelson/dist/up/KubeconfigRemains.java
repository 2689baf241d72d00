package io.keelson.dist.up;

import io.keelson.apiserver.certs.Kubeconfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What {@code --merge-kubeconfig} and {@code --write-kubeconfig} have put into kubeconfig files of a user. */
final class KubeconfigRemains {
    private KubeconfigRemains() {}

    /**
     * The entries that lead to the cluster of a folder, which are known by its own kubeconfig: as long as that is there.
     *
     * @param file the user's
     * @throws IOException if it cannot be read
     */
    static List<Remain> find(Path folder, Path file) throws IOException {
        Path own = folder.resolve("kubeconfig");
        if (!Files.exists(own) || !Files.exists(file)) {
            return List.of();
        }
        Kubeconfig cluster = Kubeconfig.read(own);
        return Kubeconfig.read(file).giveBack(cluster)
                ? List.of(new Remain("the cluster's entries in " + file, () -> {
                    Kubeconfig now = Kubeconfig.read(file);
                    if (now.giveBack(cluster)) {
                        write(now, file);
                    }
                }))
                : List.of();
    }

    /** A file in which nothing else is was made for the cluster. */
    private static void write(Kubeconfig config, Path file) throws IOException {
        boolean isEmpty = Stream.of("clusters", "users", "contexts")
                .allMatch(list -> config.tree().path(list).isEmpty());
        if (isEmpty) {
            Files.deleteIfExists(file);
        } else {
            config.write(file);
        }
    }
}
