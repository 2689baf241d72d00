package io.keelson.kvstore.storage;

import io.keelson.raft.files.GradualDeletion;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder a member's databases lie in: {@code db-1}, {@code db-2}, … of which the file {@code ACTIVE} names the one in
 * force. A database is replaced by writing the new one beside the old and then renaming a new {@code ACTIVE} over the
 * old: a crash leaves either the one or the other in force. What is not in force is removed at the next start.
 */
final class DataFolder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);
    private static final String POINTER = "ACTIVE";
    private static final Pattern NAME = Pattern.compile("db-(\\d{1,18})");

    private final Path folder;
    private final GradualDeletion deletion = new GradualDeletion("database-removal");

    DataFolder(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
    }

    /** The database in force; null if there never was one. Removes the others. */
    @Nullable
    Path active() throws IOException {
        Path pointer = folder.resolve(POINTER);
        String name;
        try {
            name = Files.readString(pointer, StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException e) {
            // Nothing has ever been in force, so nothing in the folder has ever been of use.
            for (Path unfinished : databases()) {
                deleteLeftover(unfinished);
            }
            return null;
        }
        if (!NAME.matcher(name).matches()) {
            throw new StorageException(
                    StorageException.Kind.CORRUPT, "the file " + pointer + " does not name a database: " + name);
        }
        Path active = folder.resolve(name);
        if (!Files.isDirectory(active)) {
            // Nothing is removed then: the file may be damaged, and the database be there under its right name.
            throw new StorageException(
                    StorageException.Kind.CORRUPT,
                    "the database " + active + ", which the file " + pointer + " names, is missing");
        }
        for (Path other : databases()) {
            if (!other.getFileName().toString().equals(name)) {
                deleteLeftover(other);
            }
        }
        return active;
    }

    /** A path for another database, which does not exist yet. */
    Path next() throws IOException {
        long highest = 0;
        for (Path other : databases()) {
            Matcher matcher = NAME.matcher(other.getFileName().toString());
            if (matcher.matches()) {
                highest = Math.max(highest, Long.parseLong(matcher.group(1)));
            }
        }
        return folder.resolve("db-" + (highest + 1));
    }

    /** Puts a database in force, durably. */
    void activate(Path database) throws IOException {
        Folders.sync(database);
        Folders.replaceFile(folder.resolve(POINTER), (database.getFileName() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Makes {@code target} a database with the files of {@code source}. Table files never change once written and are
     * linked where the file system can; the others are copied and brought to disk.
     */
    static void adopt(Path source, Path target) throws IOException {
        Files.createDirectory(target);
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.sorted().toList()) {
                Path to = target.resolve(file.getFileName().toString());
                if (!file.getFileName().toString().endsWith(".sst") || !linked(file, to)) {
                    Files.copy(file, to);
                    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                }
            }
        }
        Folders.sync(target);
    }

    private static boolean linked(Path file, Path to) {
        try {
            Files.createLink(to, file);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("{} cannot be linked and is copied: {}", file, e.toString());
            return false;
        }
    }

    /** Removes a database that is not in force, in the background; what is not removed now is left to the next start. */
    void deleteLeftover(Path database) {
        deletion.delete(database);
    }

    @Override
    public void close() {
        deletion.close();
    }

    private List<Path> databases() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> found = new ArrayList<>();
            entries.filter(entry -> NAME.matcher(entry.getFileName().toString()).matches())
                    .forEach(found::add);
            return found;
        }
    }
}
