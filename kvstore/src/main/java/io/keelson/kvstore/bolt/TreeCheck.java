package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One walk over all trees of a file. */
final class TreeCheck {
    private final PageFile file;
    private final LongConsumer pagesSeen;
    private final PageSet used;
    private long seen;
    private long entries;
    // Roots of buckets whose trees are still to be walked. Each is a page of the file, used once, so there cannot be
    // more of them than pages.
    private long[] roots = new long[16];
    private long[] referers = new long[16];
    private int pending;

    TreeCheck(PageFile file, LongConsumer pagesSeen) {
        this.file = file;
        this.pagesSeen = pagesSeen;
        this.used = new PageSet(file.meta().highWater());
    }

    /** Walks, and returns how many entries all leaves hold that are not inline. */
    long run() throws IOException {
        used.add(0);
        used.add(1);
        walk(file.meta().root(), 0, null, null, 0, true);
        while (pending > 0) {
            pending--;
            walk(roots[pending], referers[pending], null, null, 0, false);
        }
        if (file.meta().freelist() != BoltFormat.NO_FREELIST) {
            checkFreelist();
        }
        return entries;
    }

    private void walk(
            long id, long referer, byte @Nullable [] low, byte @Nullable [] high, int depth, boolean bucketsOnly)
            throws IOException {
        if (depth == BoltFormat.DEPTH_MAX) {
            throw new BoltFormatException(
                    id, id * file.meta().pageSize(), "the tree is deeper than " + BoltFormat.DEPTH_MAX + " levels");
        }
        // Before it is read, so that a cycle of pages with much overflow ends at once.
        use(id, referer);
        BoltPage page = file.tree(id);
        for (long i = 1; i < page.pages(file.meta().pageSize()); i++) {
            use(id + i, id);
        }
        page.checkBounds(low, high, depth == 0);
        seen += page.pages(file.meta().pageSize());
        pagesSeen.accept(seen);
        if (page.branch()) {
            for (int i = 0; i < page.count(); i++) {
                byte[] next = i + 1 < page.count() ? page.key(i + 1) : high;
                walk(page.child(i), id, page.key(i), next, depth + 1, bucketsOnly);
            }
        } else {
            entries += page.count();
            for (int i = 0; i < page.count(); i++) {
                if (page.holdsBucket(i)) {
                    BoltBucket bucket = BoltBucket.of(file, page, i);
                    if (bucket.inlinePage() == null) {
                        push(bucket.rootPage(), id);
                    }
                } else if (bucketsOnly) {
                    throw page.damage("entry " + i + " is not a bucket, as all entries of the root are");
                }
            }
        }
    }

    private void push(long root, long referer) {
        if (pending == roots.length) {
            roots = Arrays.copyOf(roots, pending * 2);
            referers = Arrays.copyOf(referers, pending * 2);
        }
        roots[pending] = root;
        referers[pending] = referer;
        pending++;
    }

    private void use(long id, long referer) throws BoltFormatException {
        if (!used.add(id)) {
            throw new BoltFormatException(
                    id, id * file.meta().pageSize(), "used twice, the second time by page " + referer);
        }
    }

    private void checkFreelist() throws IOException {
        long list = file.meta().freelist();
        long pages = file.free(free -> {
            if (used.contains(free)) {
                throw new BoltFormatException(free, free * file.meta().pageSize(), "in use and listed as free");
            }
        });
        for (long i = 0; i < pages; i++) {
            use(list + i, 0);
        }
    }
}
