package io.keelson.kvstore.auth;

/**
 * Who asks.
 *
 * @param name the user; empty when nobody is known
 * @param authRevision the revision of users and roles under which the user was recognised; 0 when nobody is known
 */
public record RequestUser(String name, long authRevision) {
    /** Nobody: authentication is off, or the request brought no credential. */
    public static final RequestUser NOBODY = new RequestUser("", 0);

    /** Whether a user is known. */
    public boolean known() {
        return authRevision != 0;
    }
}
