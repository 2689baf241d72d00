package io.keelson.dist.up;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps the nodes of two clusters from the same network: links, rules and ports of a node are there once. It is held as long as
 * the process lives, whatever becomes of it.
 */
final class NodeLock implements AutoCloseable {
    private static final Path FOLDER = Path.of("/run/keelson");
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
        Files.createDirectories(folder);
        Path path = folder.resolve("net-" + network + ".lock");
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean isOurs = false;
        try {
            isOurs = isFree(file);
            if (!isOurs) {
                String other = Files.readString(path);
                throw new IOException("the node of the cluster in " + other
                        + " is on this machine's network already, and two would take each other's addresses and rules."
                        + " Either end that one: " + Typed.forCluster("down", Path.of(other))
                        + "; or give this one a network namespace of its own, with an address by which others reach it:"
                        + " ip netns add NAME, then nsenter --net=/run/netns/NAME keelson up; or, if it is a cluster of"
                        + " its own, leave its node out: --disable=agent,proxy,dns");
            }
            byte[] text = cluster.toString().getBytes(StandardCharsets.UTF_8);
            file.truncate(0);
            int _ = file.write(ByteBuffer.wrap(text));
            return new NodeLock(file);
        } finally {
            if (!isOurs) {
                file.close();
            }
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
