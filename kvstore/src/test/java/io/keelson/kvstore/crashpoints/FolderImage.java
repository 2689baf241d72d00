package io.keelson.kvstore.crashpoints;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies of a member's folder as it is at a moment at which nobody changes it. RocksDB's table files are linked: they never
 * change once they are written. Which of them are still being written is told by the files that the process has open. What
 * is nothing but zeros, as most of a log that is filled beforehand, takes no space in the copy.
 */
final class FolderImage {
    private static final int BLOCK_BYTES = 64 << 10;
    private static final String TABLE = ".sst";

    private FolderImage() {}

    /**
     * Copies a folder.
     *
     * @param pid of the process that has the folder, and stands still; 0 if there is none
     */
    static void copy(Path from, Path to, long pid) throws IOException {
        Set<Path> changing = pid == 0 ? Set.of() : openForWriting(pid);
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
        ByteBuffer zeros = ByteBuffer.allocateDirect(BLOCK_BYTES);
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(folder)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path copy = to.resolve(from.relativize(file));
                if (file.toString().endsWith(TABLE) && !changing.contains(file)) {
                    Files.createLink(copy, file);
                } else {
                    copyFile(file, copy, block, zeros);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void copyFile(Path from, Path to, ByteBuffer block, ByteBuffer zeros) throws IOException {
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
                RandomAccessFile file = new RandomAccessFile(to.toFile(), "rw")) {
            FileChannel out = file.getChannel();
            long at = 0;
            while (in.read(block.clear()) > 0) {
                block.flip();
                int bytes = block.remaining();
                if (block.mismatch(zeros.clear().limit(bytes)) >= 0) {
                    for (long place = at; block.hasRemaining(); ) {
                        place += out.write(block, place);
                    }
                }
                at += bytes;
            }
            file.setLength(at);
        }
    }

    /** The table files that a process has open for writing. */
    private static Set<Path> openForWriting(long pid) throws IOException {
        Set<Path> open = new HashSet<>();
        Path process = Path.of("/proc", Long.toString(pid));
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    Path file = Files.readSymbolicLink(descriptor);
                    if (file.toString().endsWith(TABLE)
                            && writes(process.resolve("fdinfo").resolve(descriptor.getFileName()))) {
                        open.add(file);
                    }
                } catch (NoSuchFileException e) {
                    // It was this process's own look at the folder.
                }
            }
        }
        return open;
    }

    /** Whether the flags, in octal, of an open file have the bits for writing. */
    private static boolean writes(Path info) throws IOException {
        for (String line : Files.readString(info, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (line.startsWith("flags:")) {
                return (Integer.parseInt(line.substring("flags:".length()).strip(), 8) & 3) != 0;
            }
        }
        throw new IOException(info + " tells no flags");
    }

    /** Removes a folder with all that is in it. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException error) throws IOException {
                if (error != null) {
                    throw error;
                }
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
