package io.keelson.apiserver.request;

import java.util.List;
import java.util.Map;

/**
 * Who asks, as authentication found out.
 *
 * @param name {@code system:anonymous} for nobody in particular
 * @param uid empty if there is none
 */
public record UserInfo(String name, String uid, List<String> groups, Map<String, List<String>> extra) {
    public static final String MASTERS = "system:masters";
    public static final String AUTHENTICATED = "system:authenticated";
    public static final String UNAUTHENTICATED = "system:unauthenticated";

    public static final UserInfo ANONYMOUS = new UserInfo("system:anonymous", "", List.of(UNAUTHENTICATED), Map.of());

    /** The server itself. */
    public static final UserInfo LOOPBACK =
            new UserInfo("system:apiserver", "", List.of(MASTERS, AUTHENTICATED), Map.of());

    public UserInfo {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }

    public boolean in(String group) {
        return groups.contains(group);
    }
}
