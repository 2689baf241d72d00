package io.keelson.dist.faults;

import java.util.List;

/** What an informer was told, in the order it was. */
sealed interface Told {
    /** Everything there is, as of a revision: at the beginning, and when it could not go on where it was. */
    record Listed(long revision, List<Seen> objects) implements Told {}

    /** @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED} */
    record Changed(String type, Seen object) implements Told {}

    /** Everything up to a revision has been told. */
    record Bookmark(long revision) implements Told {}
}
