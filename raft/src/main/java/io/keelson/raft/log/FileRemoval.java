package io.keelson.raft.log;

import io.keelson.raft.files.GradualDeletion;
import io.keelson.raft.log.Chain.Link;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the space of what is not part of the log any more, in the background. Nothing depends on it: what a crash
 * leaves undone, the next start does.
 */
final class FileRemoval implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileRemoval.class);

    /** A sealed segment with more than this behind its end is cut to its length. */
    private static final int TRIM_BYTES_MIN = 64 << 10;

    private final IndexCache indexes;
    private final Executor background;
    private final GradualDeletion deletion;

    FileRemoval(LogDirectory directory, IndexCache indexes, Executor background) {
        this.indexes = indexes;
        this.background = background;
        this.deletion = new GradualDeletion("log-removal-" + directory.path().getFileName());
    }

    /** Removes segments that were part of the log before and are not now, and cuts the one that was just sealed. */
    void after(Chain before, Chain now) {
        List<Segment> gone = new ArrayList<>();
        before.sealed().forEach(link -> gone.add(link.segment()));
        gone.add(before.active().segment());
        for (Link link : now.sealed()) {
            gone.remove(link.segment());
            if (link.segment() == before.active().segment()) {
                background.execute(() -> trim(link));
            }
        }
        gone.remove(now.active().segment());
        if (!gone.isEmpty()) {
            background.execute(() -> remove(gone));
        }
    }

    private static void trim(Link link) {
        SegmentFile file = link.segment().file();
        try {
            if (file.sizeBytes() - link.end() >= TRIM_BYTES_MIN) {
                file.truncate(link.end());
            }
        } catch (IOException e) {
            LOG.warn("{} could not be cut to its length; it takes more space than it needs", file.path(), e);
        }
    }

    private void remove(List<Segment> segments) {
        for (Segment segment : segments) {
            try {
                indexes.forget(segment);
                segment.close();
            } catch (IOException e) {
                LOG.warn("{} could not be closed", segment.path(), e);
            }
            deletion.delete(segment.path());
        }
    }

    /** Removes files before anything is written. */
    static void remove(LogDirectory directory, List<Path> files, boolean fsync) throws IOException {
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        if (fsync && !files.isEmpty()) {
            directory.sync();
        }
    }

    /** What is not removed by now is left to the next start. */
    @Override
    public void close() {
        deletion.close();
    }
}
