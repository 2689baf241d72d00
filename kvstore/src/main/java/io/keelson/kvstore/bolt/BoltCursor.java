package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a bucket in key order. Holds one page per level of the tree. For one thread.
 *
 * <pre>{@code
 * BoltCursor cursor = bucket.cursor();
 * while (cursor.next()) {
 *     use(cursor.key(), cursor.value());
 * }
 * }</pre>
 */
public final class BoltCursor {
    private final PageFile file;
    private final BoltBucket bucket;
    private final byte[] from;
    // From the root to a leaf; empty before the first step and after the last.
    private final List<Level> path = new ArrayList<>();
    private boolean started;

    BoltCursor(PageFile file, BoltBucket bucket, byte[] from) {
        this.file = file;
        this.bucket = bucket;
        this.from = from;
    }

    /** A page on the path, and where in it the cursor stands. */
    private static final class Level {
        private final BoltPage page;
        // All keys of the page are below it.
        private final byte @Nullable [] high;
        private int at;

        Level(BoltPage page, byte @Nullable [] high, int at) {
            this.page = page;
            this.high = high;
            this.at = at;
        }
    }

    /**
     * Goes to the next entry; false if there is none.
     *
     * @throws BoltFormatException if the page there is damaged; the cursor is then at its end
     */
    public boolean next() throws IOException {
        try {
            if (started) {
                if (path.isEmpty()) {
                    return false;
                }
                path.getLast().at++;
            } else {
                started = true;
                descend();
            }
            return settle();
        } catch (IOException e) {
            path.clear();
            throw e;
        }
    }

    /** From the root to the leaf where {@link #from} would be. */
    private void descend() throws IOException {
        BoltPage page = bucket.inlinePage();
        if (page == null) {
            page = file.tree(bucket.rootPage());
            page.checkBounds(null, null, true);
        }
        path.add(new Level(page, null, page.branch() ? page.childFor(from) : page.ceiling(from)));
        while (path.getLast().page.branch()) {
            Level level = enter(path.getLast());
            level.at = level.page.branch() ? level.page.childFor(from) : level.page.ceiling(from);
        }
    }

    /** Moves on over the ends of pages, until at an entry of a leaf. */
    private boolean settle() throws IOException {
        while (!path.isEmpty()) {
            Level level = path.getLast();
            if (level.at == level.page.count()) {
                path.removeLast();
                if (!path.isEmpty()) {
                    path.getLast().at++;
                }
            } else if (level.page.branch()) {
                enter(level);
            } else {
                return true;
            }
        }
        return false;
    }

    private Level enter(Level parent) throws IOException {
        BoltPage branch = parent.page;
        if (path.size() == BoltFormat.DEPTH_MAX) {
            throw branch.damage("the tree is deeper than " + BoltFormat.DEPTH_MAX + " levels");
        }
        byte[] high = parent.at + 1 < branch.count() ? branch.key(parent.at + 1) : parent.high;
        BoltPage page = file.tree(branch.child(parent.at));
        page.checkBounds(branch.key(parent.at), high, false);
        Level level = new Level(page, high, 0);
        path.add(level);
        return level;
    }

    private Level current() {
        if (path.isEmpty()) {
            throw new IllegalStateException("the cursor is not at an entry");
        }
        return path.getLast();
    }

    /** The key of the current entry. */
    public byte[] key() {
        Level level = current();
        return level.page.key(level.at);
    }

    /** The value of the current entry; if that is a bucket, its encoding. */
    public byte[] value() {
        Level level = current();
        return level.page.value(level.at);
    }

    /** Whether the current entry is a bucket. */
    public boolean holdsBucket() {
        Level level = current();
        return level.page.holdsBucket(level.at);
    }

    /** The bucket that the current entry is. */
    public BoltBucket bucket() throws BoltFormatException {
        Level level = current();
        if (!level.page.holdsBucket(level.at)) {
            throw new IllegalStateException("the current entry is not a bucket");
        }
        return BoltBucket.of(file, level.page, level.at);
    }

    /** An error that names the page of the current entry, for one whose content makes no sense to the caller. */
    public BoltFormatException damage(String problem) {
        return current().page.damage("entry " + current().at + ": " + problem);
    }
}
