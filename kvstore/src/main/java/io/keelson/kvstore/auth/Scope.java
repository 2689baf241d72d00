package io.keelson.kvstore.auth;

import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.mvcc.KeyRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The keys that a user may read and write: the union of what the user's roles permit. Immutable. */
public final class Scope {
    /** Every key: the root role, and everybody while authentication is off. */
    static final Scope EVERYTHING = new Scope(true, KeyIntervals.NONE, KeyIntervals.NONE);

    private final boolean everything;
    private final KeyIntervals readable;
    private final KeyIntervals writable;

    private Scope(boolean everything, KeyIntervals readable, KeyIntervals writable) {
        this.everything = everything;
        this.readable = readable;
        this.writable = writable;
    }

    static Scope of(Collection<Role> roles) {
        List<KeyRange> read = new ArrayList<>();
        List<KeyRange> write = new ArrayList<>();
        for (Role role : roles) {
            for (Permission permission : role.getKeyPermissionList()) {
                KeyRange range = KeyRange.of(
                        permission.getKey().toByteArray(),
                        permission.getRangeEnd().toByteArray());
                switch (permission.getPermType()) {
                    case READ -> read.add(range);
                    case WRITE -> write.add(range);
                    case READWRITE -> {
                        read.add(range);
                        write.add(range);
                    }
                    case UNRECOGNIZED -> {
                        // A kind of permission that a newer version granted; this one cannot know what it permits.
                    }
                }
            }
        }
        return new Scope(false, KeyIntervals.of(read), KeyIntervals.of(write));
    }

    /** Whether there is no restriction at all. */
    public boolean everything() {
        return everything;
    }

    /** Whether every key of the range may be read. */
    public boolean mayRead(KeyRange range) {
        return everything || readable.contains(range);
    }

    /** Whether every key of the range may be written. */
    public boolean mayWrite(KeyRange range) {
        return everything || writable.contains(range);
    }

    /** What of the keys may be written, for walking along them. Not for a scope of everything. */
    KeyIntervals writable() {
        return writable;
    }

    /** What of the keys may be read, for walking along them. Not for a scope of everything. */
    KeyIntervals readable() {
        return readable;
    }
}
