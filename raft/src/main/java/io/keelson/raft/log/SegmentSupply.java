package io.keelson.raft.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the next segment's file while the one before it fills up, so that an append finds it ready.
 *
 * <p>The file is filled with zeros and synced. Zeros rather than blocks that are merely reserved: an append then changes
 * no metadata, its data sync is one write to the device and no journal commit; and what was not written yet is known to
 * be zero, which {@link TailJudgement} builds on. The filling keeps ahead of the appends at twice their pace, a step at a
 * time, so that the disk is never busy with it for long.
 *
 * <p>If the disk is full, the unfinished file is removed, for others to have the space, and the next step tries again.
 */
final class SegmentSupply implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentSupply.class);
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    private final LogDirectory directory;
    private final boolean fsync;
    private final Executor background;
    private final AtomicBoolean stepsScheduled = new AtomicBoolean();

    private long sequence;
    private int sizeBytes;
    private int filledBytes;
    private int targetBytes;
    private boolean closed;
    private @Nullable SegmentFile file;

    SegmentSupply(LogDirectory directory, boolean fsync, Executor background) {
        this.directory = directory;
        this.fsync = fsync;
        this.background = background;
    }

    /** Begins with another file. */
    synchronized void begin(long newSequence, int newSizeBytes) {
        sequence = newSequence;
        sizeBytes = newSizeBytes;
        filledBytes = 0;
        targetBytes = 0;
    }

    /** Goes on with a file of zeros that was left by an earlier run. */
    synchronized void adopt(long newSequence, int newSizeBytes, SegmentFile zeros) throws IOException {
        filledBytes = Math.toIntExact(zeros.sizeBytes());
        sequence = newSequence;
        sizeBytes = Math.max(newSizeBytes, filledBytes);
        targetBytes = 0;
        file = zeros;
    }

    /**
     * Tells how full the segment in use is, from 0 to 1. Does not wait.
     */
    void progress(double used) {
        if (stepsScheduled.compareAndSet(false, true)) {
            background.execute(() -> {
                stepsScheduled.set(false);
                fillTo(0.25 + 2 * used);
            });
        }
    }

    private void fillTo(double share) {
        try {
            boolean more = true;
            while (more) {
                more = step(share);
            }
        } catch (IOException e) {
            LOG.warn("The next log segment in {} cannot be prepared; it will be tried again", directory.path(), e);
        }
    }

    /** Fills a piece, or less, and says whether more is to be done now. */
    private synchronized boolean step(double share) throws IOException {
        targetBytes = (int) Math.max(targetBytes, Math.min(sizeBytes, sizeBytes * share));
        if (closed || filledBytes >= targetBytes) {
            return false;
        }
        fillPiece();
        return true;
    }

    private void fillPiece() throws IOException {
        Path path = directory.segment(sequence);
        try {
            SegmentFile filling = file;
            if (filling == null) {
                filling = SegmentFile.create(path);
                file = filling;
            }
            int bytes = Math.min(ZEROS.capacity(), sizeBytes - filledBytes);
            filling.writeFully(ZEROS.duplicate().limit(bytes), filledBytes);
            if (fsync) {
                filling.force();
            }
            filledBytes += bytes;
        } catch (IOException e) {
            discard();
            throw e;
        }
    }

    private void discard() throws IOException {
        SegmentFile unfinished = file;
        file = null;
        filledBytes = 0;
        if (unfinished != null) {
            unfinished.close();
            Files.deleteIfExists(unfinished.path());
        }
    }

    /**
     * The file, all zeros and with its name durable; finishes it first if need be. It is the caller's from then on.
     *
     * @param leastBytes size that will do; the file is made larger than planned if it has to be
     * @throws IOException if the disk is full or fails; nothing has changed then, and it may be tried again
     */
    synchronized SegmentFile take(int leastBytes) throws IOException {
        if (sizeBytes < leastBytes) {
            sizeBytes = leastBytes;
        }
        while (filledBytes < sizeBytes) {
            fillPiece();
        }
        if (fsync) {
            directory.sync();
        }
        SegmentFile taken = file;
        if (taken == null) {
            throw new IOException("no segment was begun");
        }
        file = null;
        filledBytes = 0;
        // A step that is on its way makes nothing until it is told which file comes next.
        sizeBytes = 0;
        targetBytes = 0;
        return taken;
    }

    /** Stops. What has been made so far stays for the next run. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        SegmentFile unfinished = file;
        file = null;
        if (unfinished != null) {
            unfinished.close();
        }
    }
}
