package io.keelson.apiserver.authn;

import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.validation.Names;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A service account as a user: {@code system:serviceaccount:NAMESPACE:NAME}. */
public record ServiceAccountUser(String namespace, String name) {
    public static final String PREFIX = "system:serviceaccount:";
    public static final String ALL_GROUP = "system:serviceaccounts";

    static final String POD_NAME = "authentication.kubernetes.io/pod-name";
    static final String POD_UID = "authentication.kubernetes.io/pod-uid";
    /** The extra value of a user whose token is bound to a pod: the node that runs it. */
    public static final String NODE_NAME = "authentication.kubernetes.io/node-name";

    static final String NODE_UID = "authentication.kubernetes.io/node-uid";

    /** Null if it is no user name of a service account. */
    public static @Nullable ServiceAccountUser parse(String userName) {
        if (!userName.startsWith(PREFIX)) {
            return null;
        }
        String[] parts = userName.substring(PREFIX.length()).split(":", -1);
        return parts.length == 2
                        && Names.dnsLabel(parts[0]).isEmpty()
                        && Names.dnsSubdomain(parts[1]).isEmpty()
                ? new ServiceAccountUser(parts[0], parts[1])
                : null;
    }

    public String userName() {
        return PREFIX + namespace + ":" + name;
    }

    public List<String> groups() {
        return List.of(ALL_GROUP, ALL_GROUP + ":" + namespace);
    }

    UserInfo user(String uid, Map<String, List<String>> extra) {
        return new UserInfo(userName(), uid, groups(), extra);
    }
}
