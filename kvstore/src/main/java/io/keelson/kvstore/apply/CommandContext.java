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
     * Deletes those of the keys that exist, in the given order, as one new revision, as long as all that the command changes
     * stays within a number of bytes; a first change is made whatever it takes. Makes no revision if no key exists. Their
     * attachments to leases go with them.
     *
     * @param bytesMax what the changes of the command may take in memory; less than {@link
     *     io.keelson.kvstore.mvcc.MvccWriter#COMMAND_BYTES_MAX}
     * @return how many of the keys do not exist now, from the first one on
     */
    int deleteKeys(List<byte[]> keys, long bytesMax);
}
