package io.keelson.raft.jraft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the file system must be told so that files and directories survive a power cut. */
final class Directories {
    private Directories() {}

    /** Writes a file; with {@code fsync} its content, not its name, is durable then. */
    static void write(Path file, byte[] content, boolean fsync) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            if (fsync) {
                channel.force(true);
            }
        }
    }

    /** Replaces a file as a whole, durably with {@code fsync}: a crash leaves the old content or the new. */
    static void replace(Path file, byte[] content, boolean fsync) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        write(next, content, fsync);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (fsync) {
            sync(file.toAbsolutePath().getParent());
        }
    }

    /** Makes the names in a directory durable. */
    static void sync(@Nullable Path directory) throws IOException {
        if (directory == null) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Makes a directory and everything below it durable.
     *
     * @return its files, relative to it, with {@code /} between names
     */
    static List<String> syncTree(Path root, boolean fsync) throws IOException {
        List<String> files = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile()) {
                    files.add(root.relativize(file).toString());
                    if (fsync) {
                        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                            channel.force(true);
                        }
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException error) throws IOException {
                if (error != null) {
                    throw error;
                }
                if (fsync) {
                    sync(directory);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }
}
