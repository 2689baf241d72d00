package io.keelson.kvstore.apply;

import io.keelson.kvstore.storage.Session;
import java.util.List;

/** What a handler may use while it carries out one command. Valid during that call, on the apply thread. */
public interface CommandContext {
    Session session();

    /** Index of the log entry that carries the command. */
    long index();

    /** Term of that entry. */
    long term();

    /** Cluster time of the command, in milliseconds. */
    long clusterTimeMs();

    /** Whether somebody on this member waits for the result, so that building it is worth while. */
    boolean local();

    /** The store's revision, as the commands so far have made it. */
    long revision();

    /**
     * Deletes those of the keys that exist, in the given order, as one new revision; makes no revision if none does. Their
     * attachments to leases go with them.
     */
    void deleteKeys(List<byte[]> keys);
}
