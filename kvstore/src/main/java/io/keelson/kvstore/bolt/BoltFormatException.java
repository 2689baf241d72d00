package io.keelson.kvstore.bolt;

import java.io.IOException;

/**
 * A file is damaged, cut short, or not a bbolt file. The message names the page, its offset in the file, and what is
 * wrong with it. The data has to come from another copy of the file.
 */
public final class BoltFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Stands for the file as a whole, in place of a page. */
    public static final long WHOLE_FILE = -1;

    private final long page;
    private final long offset;

    /** A fault that is not in one page. */
    public BoltFormatException(String problem) {
        super(problem);
        this.page = WHOLE_FILE;
        this.offset = 0;
    }

    /**
     * @param page number of the page, as an unsigned number
     * @param offset where the page begins in the file, in bytes
     */
    public BoltFormatException(long page, long offset, String problem) {
        super("page " + Long.toUnsignedString(page) + " (offset " + offset + "): " + problem);
        this.page = page;
        this.offset = offset;
    }

    /** The page at fault, or {@link #WHOLE_FILE}. */
    public long page() {
        return page;
    }

    /** Where that page begins in the file, in bytes. */
    public long offset() {
        return offset;
    }
}
