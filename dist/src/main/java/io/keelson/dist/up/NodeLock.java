package io.keelson.dist.up;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the nodes of two clusters from the same network: links, rules and ports of a node are there once. It is held as long as
 * the process lives, whatever becomes of it.
 */
final class NodeLock implements AutoCloseable {
    private static final Path FOLDER = Path.of("/run/keelson");
    private static final Logger LOG = LoggerFactory.getLogger(NodeLock.class);
    private static final int TEXT_BYTES_MAX = 8192;
    private static final Path NETWORK = Path.of("/proc/self/ns/net");

    private final FileChannel file;

    private NodeLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Takes the network that this process is in.
     *
     * @param cluster the folder of the cluster whose node it is to be
     * @throws IOException if another cluster's node is there; its text says whose, and what to do
     */
    static NodeLock take(Path cluster) throws IOException {
        return take(FOLDER, Files.readSymbolicLink(NETWORK).toString().replaceAll("[^0-9]", ""), cluster);
    }

    /** @param network a number that it has and no other */
    static NodeLock take(Path folder, String network, Path cluster) throws IOException {
        while (true) {
            Files.createDirectories(folder);
            Optional<NodeLock> lock = take(folder.toRealPath().resolve("net-" + network + ".lock"), cluster);
            if (lock.isPresent()) {
                return lock.get();
            }
        }
    }

    /** Empty if the file was removed meanwhile, so that somebody else may make it again and take it, too. */
    private static Optional<NodeLock> take(Path path, Path cluster) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean isOurs = false;
        try {
            if (!isFree(file)) {
                if (isRemoved(path)) {
                    return Optional.empty();
                }
                String other = text(file);
                throw new IOException("the node of the cluster in " + other
                        + " is on this machine's network already, and two would take each other's addresses and rules."
                        + " Either end that one: " + Typed.forCluster("down", Path.of(other))
                        + "; or give this one a network namespace of its own, with an address by which others reach it:"
                        + " ip netns add NAME, then nsenter --net=/run/netns/NAME keelson up; or, if it is a cluster of"
                        + " its own, leave its node out: --disable=agent,proxy,dns");
            }
            if (isRemoved(path)) {
                return Optional.empty();
            }
            byte[] text = cluster.toString().getBytes(StandardCharsets.UTF_8);
            file.truncate(0);
            int _ = file.write(ByteBuffer.wrap(text));
            isOurs = true;
            return Optional.of(new NodeLock(file));
        } finally {
            if (!isOurs) {
                file.close();
            }
        }
    }

    /**
     * Whether this process has a file open that was at a path and is there no more. Nothing is opened for that: to close a file
     * is to give back all locks on it.
     */
    static boolean isRemoved(Path path) throws IOException {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : open) {
                if (isLink(each, path + " (deleted)")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isLink(Path link, String target) throws IOException {
        try {
            return Files.readSymbolicLink(link).toString().equals(target);
        } catch (NoSuchFileException e) {
            // Closed since.
            return false;
        }
    }

    private static String text(FileChannel file) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(TEXT_BYTES_MAX);
        int _ = file.read(text, 0);
        return new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
    }

    /** What the node of a cluster has left where it took its network, for when its process has ended. */
    static List<Path> left(Path cluster) throws IOException {
        return left(FOLDER, cluster);
    }

    static List<Path> left(Path folder, Path cluster) throws IOException {
        List<Path> left = new ArrayList<>();
        if (!Files.isWritable(folder)) {
            return left;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "net-*.lock")) {
            for (Path file : files) {
                try (FileChannel open = FileChannel.open(file, StandardOpenOption.READ)) {
                    if (text(open).equals(cluster.toString())) {
                        left.add(file);
                    }
                } catch (NoSuchFileException e) {
                    LOG.debug("{} has gone", file);
                }
            }
        }
        return left;
    }

    /** Removes what {@link #left} tells of, unless another cluster has taken that network meanwhile. */
    static void remove(Path path, Path cluster) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Who opens it before it is gone sees that it is.
            if (isFree(file) && text(file).equals(cluster.toString())) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} has gone", path);
        }
    }

    private static boolean isFree(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException inThisProcess) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
