package io.keelson.agent.logs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * Links to logs by names that tell whose they are, {@code POD_NAMESPACE_CONTAINER-ID.log} in {@code
 * /var/log/containers}, which collectors of logs read. Any thread.
 */
public final class LogLinks {
    private static final int NAME_MAX = 255;
    private static final String ENDING = ".log";

    private final Path folder;

    /** @param folder {@code /var/log/containers}; made when the first link is */
    public LogLinks(Path folder) {
        this.folder = folder;
    }

    /**
     * Has a link of a container's run point to its log; right when repeated.
     *
     * @param id of the runtime
     */
    public void set(String namespace, String pod, String container, String id, Path log) throws IOException {
        Path link = link(namespace, pod, container, id);
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(log)) {
            return;
        }
        Files.createDirectories(folder);
        Files.deleteIfExists(link);
        try {
            Files.createSymbolicLink(link, log);
        } catch (FileAlreadyExistsException e) {
            // Somebody else made it in between; the next time it is compared again.
            return;
        }
    }

    private Path link(String namespace, String pod, String container, String id) throws IOException {
        String name = pod + "_" + namespace + "_" + container + "-" + id;
        if (name.indexOf('/') >= 0 || name.indexOf('\0') >= 0) {
            throw new IOException("no name of a container: " + name);
        }
        String kept = name.substring(0, Math.min(name.length(), NAME_MAX - ENDING.length()));
        return folder.resolve(kept + ENDING);
    }

    /**
     * Removes links to logs that are gone.
     *
     * @param lives whether the container of an id is there; its log is then only being rotated
     */
    public void removeDangling(Predicate<String> lives) throws IOException {
        try (DirectoryStream<Path> links = Files.newDirectoryStream(folder, "*" + ENDING)) {
            for (Path link : links) {
                if (Files.isSymbolicLink(link) && !Files.exists(link) && !lives.test(id(link))) {
                    Files.deleteIfExists(link);
                }
            }
        } catch (NoSuchFileException e) {
            if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            // There never was a container.
        }
    }

    private static String id(Path link) {
        String name = link.getFileName().toString();
        return name.substring(name.lastIndexOf('-') + 1, name.length() - ENDING.length());
    }
}
