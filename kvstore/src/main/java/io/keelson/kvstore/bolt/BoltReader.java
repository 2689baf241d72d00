package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A bbolt file, read-only. Nobody may write to it meanwhile. Thread-safe; its cursors are not.
 *
 * <p>What is read is checked: whatever damage makes a page impossible in itself, or contradicts the branches above it,
 * is a {@link BoltFormatException} that names the page. Since keys have to ascend over the whole of a bucket, going
 * through one ends, whatever the file says. {@link #verify} also finds pages that are used twice.
 */
public final class BoltReader implements AutoCloseable {
    private final PageFile file;

    private BoltReader(PageFile file) {
        this.file = file;
    }

    /**
     * Opens a file. Bytes after its last page, such as the digest of a snapshot, are ignored.
     *
     * @throws BoltFormatException if it is not a bbolt file, both meta pages are damaged, or it is cut short
     */
    public static BoltReader open(Path path) throws IOException {
        return new BoltReader(PageFile.open(path));
    }

    /** Bytes per page. */
    public int pageSize() {
        return file.meta().pageSize();
    }

    /** Bytes up to the end of the last page in use. */
    public long sizeBytes() {
        return file.meta().highWater() * pageSize();
    }

    /**
     * What is wrong with one of the two meta pages, if something is. The state then is that of the other one, which is
     * an older one unless the file is a copy that bbolt wrote. bbolt itself goes on without a word.
     */
    public @Nullable String metaProblem() {
        return file.metaProblem();
    }

    /** The bucket that holds all others. */
    public BoltBucket root() {
        return BoltBucket.at(file, file.meta().root());
    }

    /**
     * Goes through all pages in use and checks them, each in itself and among each other. Memory: a bit per page of the
     * file, a page per level, and eight bytes per bucket in a leaf's subtree not yet visited.
     *
     * @param pagesSeen told the number of pages gone through so far, after each page
     * @return how many entries there are, those of inline buckets not counted
     * @throws BoltFormatException at the first fault
     */
    public long verify(LongConsumer pagesSeen) throws IOException {
        return new TreeCheck(file, pagesSeen).run();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
