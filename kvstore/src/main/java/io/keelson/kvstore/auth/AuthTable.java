package io.keelson.kvstore.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * What {@link io.keelson.kvstore.storage.Table#AUTH} holds: under {@code s} whether authentication is on (one byte) and
 * the revision of users and roles (8 bytes, big-endian); under {@code u} and a name a {@code authpb.User}; under {@code
 * r} and a name a {@code authpb.Role}. No entry under {@code s} means off, at revision 1.
 */
public final class AuthTable {
    private static final byte STATE = 's';
    private static final byte USER = 'u';
    private static final byte ROLE = 'r';
    private static final int STATE_BYTES = 9;

    private AuthTable() {}

    public static byte[] stateKey() {
        return new byte[] {STATE};
    }

    public static byte[] userKey(String name) {
        return key(USER, name);
    }

    public static byte[] roleKey(String name) {
        return key(ROLE, name);
    }

    private static byte[] key(byte kind, String name) {
        byte[] bytes = name.getBytes(UTF_8);
        return ByteBuffer.allocate(1 + bytes.length).put(kind).put(bytes).array();
    }

    /** The value under {@link #stateKey}. */
    public static byte[] encodeState(boolean enabled, long revision) {
        return ByteBuffer.allocate(STATE_BYTES)
                .put((byte) (enabled ? 1 : 0))
                .putLong(revision)
                .array();
    }

    /** Whether authentication is on, by the value under {@link #stateKey}. */
    public static boolean enabled(byte[] state) {
        return state[0] != 0;
    }

    /** The revision of users and roles, by the value under {@link #stateKey}. */
    public static long revision(byte[] state) {
        return ByteBuffer.wrap(state).getLong(1);
    }

    /** First key of all users. */
    public static byte[] usersFrom() {
        return new byte[] {USER};
    }

    /** The key after all users. */
    public static byte[] usersTo() {
        return new byte[] {USER + 1};
    }

    /** First key of all roles. */
    public static byte[] rolesFrom() {
        return new byte[] {ROLE};
    }

    /** The key after all roles. */
    public static byte[] rolesTo() {
        return new byte[] {ROLE + 1};
    }
}
