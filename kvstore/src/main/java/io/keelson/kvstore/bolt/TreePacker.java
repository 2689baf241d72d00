package io.keelson.kvstore.bolt;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the sorted entries of a bucket into the pages of a B+tree and hands them out in post-order: a page as soon as it
 * is complete, a parent right after its last child. Holds one open page per level.
 *
 * <p>The same class lays out and writes, so that both come to the same pages: laying out gives it items without bytes
 * and a sink that only counts.
 *
 * <p>Every branch gets at least two children, because bbolt panics when it removes entries below a branch with a single
 * one. So a branch is only handed out once two children are there for the branch after it; if just one is left at the
 * end, it takes one from its neighbour, or joins it if that has no more than two.
 */
final class TreePacker {
    /**
     * An entry of a leaf, or of a branch (then without a value).
     *
     * @param key null while laying out
     * @param value null while laying out, and in a branch
     * @param child the page that a branch's entry leads to; in a leaf 0
     */
    record Item(int keyBytes, int valueBytes, byte @Nullable [] key, byte @Nullable [] value, long child) {
        long sizeBytes() {
            return BoltFormat.ELEMENT_BYTES + (long) keyBytes + valueBytes;
        }
    }

    /** Takes complete pages. */
    @FunctionalInterface
    interface PageSink {
        /**
         * @param branch whether the items are a branch's
         * @param sizeBytes of header and items; may be more than a page
         * @return the number of the page
         */
        long page(boolean branch, List<Item> items, long sizeBytes) throws IOException;
    }

    private final int pageSize;
    private final PageSink sink;
    private final OpenPage leaf = new OpenPage();
    private final List<BranchLevel> levels = new ArrayList<>();

    TreePacker(int pageSize, PageSink sink) {
        this.pageSize = pageSize;
        this.sink = sink;
    }

    void add(Item item) throws IOException {
        if (!leaf.items.isEmpty() && !leaf.fits(item)) {
            Item handle = leaf.handOut(false);
            level(0).add(handle);
        }
        leaf.add(item);
    }

    /** Hands out what is open, and returns the root page. */
    long finish() throws IOException {
        if (levels.isEmpty()) {
            return sink.page(false, leaf.items, leaf.sizeBytes);
        }
        level(0).add(leaf.handOut(false));
        // A level may come to be while the one below is closed.
        for (int i = 0; ; i++) {
            BranchLevel level = levels.get(i);
            Item last = level.close();
            if (i + 1 == levels.size()) {
                return last.child;
            }
            levels.get(i + 1).add(last);
        }
    }

    private BranchLevel level(int height) {
        if (height == levels.size()) {
            levels.add(new BranchLevel(height));
        }
        return levels.get(height);
    }

    /** The items of a page that is not complete yet. */
    private final class OpenPage {
        List<Item> items = new ArrayList<>();
        long sizeBytes = BoltFormat.PAGE_HEADER_BYTES;

        boolean fits(Item item) {
            return items.size() < BoltFormat.ELEMENTS_MAX && sizeBytes + item.sizeBytes() <= pageSize;
        }

        void add(Item item) {
            items.add(item);
            sizeBytes += item.sizeBytes();
        }

        Item removeLast() {
            Item item = items.removeLast();
            sizeBytes -= item.sizeBytes();
            return item;
        }

        /** Hands the page out, starts an empty one, and returns the entry that leads to the page. */
        Item handOut(boolean branch) throws IOException {
            Item first = items.getFirst();
            long page = sink.page(branch, items, sizeBytes);
            items.clear();
            sizeBytes = BoltFormat.PAGE_HEADER_BYTES;
            return new Item(first.keyBytes, 0, first.key, null, page);
        }
    }

    /** The branches at one height. */
    private final class BranchLevel {
        private final int height;
        private final OpenPage open = new OpenPage();
        // The first child of the branch after the open one, as long as it is the only one.
        private @Nullable Item next;

        BranchLevel(int height) {
            this.height = height;
        }

        void add(Item item) throws IOException {
            if (next != null) {
                level(height + 1).add(open.handOut(true));
                open.add(next);
                open.add(item);
                next = null;
            } else if (open.items.size() < 2 || open.fits(item)) {
                open.add(item);
            } else {
                next = item;
            }
        }

        /** Hands out what is left, and returns the entry of the last page, which the level above has not got yet. */
        Item close() throws IOException {
            if (next != null) {
                if (open.items.size() > 2) {
                    Item moved = open.removeLast();
                    level(height + 1).add(open.handOut(true));
                    open.add(moved);
                }
                open.add(next);
                next = null;
            }
            return open.handOut(true);
        }
    }
}
