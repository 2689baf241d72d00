package io.keelson.controllers.process;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import java.util.Set;

/**
 * Files that have their old content or the new one, whenever the process dies; only their owner may read them. What has to
 * survive the machine's loss of power as well is written durably: that waits for the disk, once for the content and once
 * for the name. A thread that is interrupted meanwhile ends what it has begun to write, and remembers it.
 *
 * <p>A file is written under another name first ({@link #unfinished}), which whoever lists the folder has to pass over; what
 * a crash leaves there goes with the next writing. So of each file there may be one writer at a time.
 */
public final class WholeFile {
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** How names of files end that are not whole yet; they begin with a dot. */
    public static final String UNFINISHED = ".next";

    private WholeFile() {}

    /**
     * Writes a file, and makes its folder if that is not there. The process may die at any moment.
     *
     * @throws IOException if the file is as it was
     */
    public static void write(Path file, byte[] content) throws IOException {
        replace(file, unfinished(file), content, false);
    }

    /** The same of a text, in UTF-8. */
    public static void write(Path file, String content) throws IOException {
        write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The same of names and values, as {@link Properties#load} reads them. */
    public static void write(Path file, Properties content) throws IOException {
        StringWriter text = new StringWriter();
        content.store(text, null);
        write(file, text.toString());
    }

    /**
     * Writes a file, and makes its folder if that is not there. The machine may lose its power at any moment; once this
     * returns, the new content stays.
     *
     * @throws IOException if that cannot be said; the file is as it was, or has the new content
     */
    public static void writeDurably(Path file, byte[] content) throws IOException {
        writeDurably(file, unfinished(file), content);
    }

    /** The same of a text, in UTF-8. */
    public static void writeDurably(Path file, String content) throws IOException {
        writeDurably(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The same by a name that is given.
     *
     * @param next on the same file system, and nobody else's
     */
    public static void writeDurably(Path file, Path next, byte[] content) throws IOException {
        replace(file, next, content, true);
        syncName(file);
    }

    private static void replace(Path file, Path next, byte[] content, boolean isDurable) throws IOException {
        Files.createDirectories(file.toAbsolutePath().resolveSibling("."));
        Files.deleteIfExists(next);
        Files.createFile(next, OWNER_ONLY);
        try (FileOutputStream out = new FileOutputStream(next.toFile())) {
            out.write(content);
            if (isDurable) {
                out.getFD().sync();
            }
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Has a link lead to a file, in place of where it led before; durably.
     *
     * @param next a name in the same folder that nothing else uses
     */
    public static void linkDurably(Path link, Path next, String target) throws IOException {
        Files.deleteIfExists(next);
        Files.createSymbolicLink(next, Path.of(target));
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncName(link);
    }

    /** Waits until a file's name is on the disk, or that there is none. */
    public static void syncName(Path file) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try (FileChannel folder = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
                    folder.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What a file is called until it is whole. */
    public static Path unfinished(Path file) {
        return file.resolveSibling("." + file.getFileName() + UNFINISHED);
    }
}
