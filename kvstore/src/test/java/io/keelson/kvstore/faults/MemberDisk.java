package io.keelson.kvstore.faults;

import io.keelson.raft.log.PowerCutDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A disk that one member has to itself: it can lose power, run full, and stand still. */
final class MemberDisk implements AutoCloseable {
    private static final int SIZE_MIB = 768;
    private static final long RESERVE_BYTES = 80L << 20;
    private static final String BALLAST = "ballast";

    private final PowerCutDisk disk;
    private boolean frozen;

    /** Makes it, as a file in a folder and a mount point beside it. */
    MemberDisk(Path folder) throws IOException {
        Files.createDirectories(folder);
        disk = PowerCutDisk.create(folder, SIZE_MIB);
    }

    Path path() {
        return disk.path();
    }

    /** From here on nothing reaches the disk; who writes gets errors. */
    void cutPower() {
        disk.cutPower();
    }

    /** Brings it back with what had been synced. Nobody may hold a file of it any more. */
    void powerOn() throws IOException {
        disk.unmount();
        disk.mount();
    }

    /** Leaves room for not one block more. */
    void fill() throws IOException, InterruptedException {
        Path ballast = path().resolve(BALLAST);
        // Most of it at once; the file system's own tables take some of what is told to be free.
        long bytes = Files.getFileStore(path()).getUnallocatedSpace() - RESERVE_BYTES;
        if (bytes > 0) {
            Processes.run("fallocate", "-l", Long.toString(bytes), ballast.toString());
        }
        for (int blockBytes : new int[] {1 << 20, 4 << 10}) {
            fillWith(ballast, ByteBuffer.allocate(blockBytes));
        }
    }

    private static void fillWith(Path ballast, ByteBuffer block) {
        try (FileChannel rest = FileChannel.open(ballast, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (true) {
                block.clear();
                rest.write(block);
            }
        } catch (IOException full) {
            // That is what was wanted.
            return;
        }
    }

    /** Gives the room back, for good: a power cut soon after would bring back what was deleted and not synced. */
    void makeRoom() throws IOException, InterruptedException {
        Files.deleteIfExists(path().resolve(BALLAST));
        Processes.run("sync", "-f", path().toString());
    }

    /** From here on every write waits. */
    void freeze() throws IOException, InterruptedException {
        Processes.run("fsfreeze", "-f", path().toString());
        frozen = true;
    }

    void thaw() throws IOException, InterruptedException {
        if (frozen) {
            Processes.run("fsfreeze", "-u", path().toString());
            frozen = false;
        }
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }
}
