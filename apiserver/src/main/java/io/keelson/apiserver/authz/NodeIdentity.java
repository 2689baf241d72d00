package io.keelson.apiserver.authz;

import io.keelson.apiserver.request.UserInfo;
import org.jspecify.annotations.Nullable;

/** Which node a user is. */
public final class NodeIdentity {
    public static final String GROUP = "system:nodes";
    public static final String PREFIX = "system:node:";

    private NodeIdentity() {}

    /** The node's name, which may be empty; null if the user is no node. */
    public static @Nullable String of(UserInfo user) {
        return user.name().startsWith(PREFIX) && user.in(GROUP) ? user.name().substring(PREFIX.length()) : null;
    }
}
