package io.keelson.kvstore.storage;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * The disk, or what was found on it, does not allow to go on. The member leaves service: nothing that is read after this
 * could be trusted, and nothing that is written would stay.
 */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What an operator can do about it. */
    public enum Kind {
        /** Data on disk is not what was written: replace the disk, and let the member get its state from the others. */
        CORRUPT,
        /** The disk is full: make room and restart. */
        NO_SPACE,
        /** The database is closed already. */
        CLOSED,
        /** Another failure of the disk or of RocksDB; the message says which. */
        FAILED
    }

    private final Kind kind;

    public StorageException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    private StorageException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    static StorageException of(String doing, RocksDBException cause) {
        return new StorageException(kind(cause.getStatus()), doing + ": " + cause.getMessage(), cause);
    }

    static Kind kind(@Nullable Status status) {
        if (status == null) {
            return Kind.FAILED;
        }
        if (status.getSubCode() == Status.SubCode.NoSpace) {
            return Kind.NO_SPACE;
        }
        return switch (status.getCode()) {
            case Corruption -> Kind.CORRUPT;
            case ShutdownInProgress -> Kind.CLOSED;
            default -> Kind.FAILED;
        };
    }

    public Kind kind() {
        return kind;
    }
}
