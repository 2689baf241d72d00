package io.keelson.apiserver.audit;

import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which requests are written down, and how. A list that is empty leaves open what it is about; what a request is must be in
 * every other one.
 *
 * @param namespaces with an empty text for what belongs to the cluster
 * @param nonResourceUrls paths, which may end with an asterisk for whatever follows
 * @param omitted stages at which nothing is written
 * @param omitManagedFields whether objects are written without their managed fields; null for what the policy says
 */
record AuditRule(
        Level level,
        Set<String> users,
        Set<String> userGroups,
        Set<String> verbs,
        List<Resources> resources,
        Set<String> namespaces,
        List<String> nonResourceUrls,
        Set<Stage> omitted,
        @Nullable Boolean omitManagedFields) {
    AuditRule {
        users = Set.copyOf(users);
        userGroups = Set.copyOf(userGroups);
        verbs = Set.copyOf(verbs);
        resources = List.copyOf(resources);
        namespaces = Set.copyOf(namespaces);
        nonResourceUrls = List.copyOf(nonResourceUrls);
        omitted = Set.copyOf(omitted);
    }

    /**
     * Resources of a group.
     *
     * @param group empty for the core group
     * @param resources {@code pods}, {@code pods/log}, {@code pods/*}, <code>*&#47;scale</code> or {@code *}; empty for all
     * @param names of objects; empty for all
     */
    record Resources(String group, List<String> resources, Set<String> names) {
        Resources {
            resources = List.copyOf(resources);
            names = Set.copyOf(names);
        }

        private boolean match(RequestInfo info) {
            if (!group.equals(info.group())) {
                return false;
            }
            if (resources.isEmpty()) {
                return true;
            }
            return (names.isEmpty() || names.contains(info.name()))
                    && resources.stream().anyMatch(pattern -> matches(pattern, info));
        }

        private static boolean matches(String pattern, RequestInfo info) {
            String subresource = info.subresource();
            String whole = subresource.isEmpty() ? info.resource() : info.resource() + "/" + subresource;
            return pattern.equals("*")
                    || pattern.equals(whole)
                    || (!subresource.isEmpty() && pattern.equals("*/" + subresource))
                    || pattern.equals(info.resource() + "/*");
        }
    }

    /** @param user null if it is not known who asks */
    boolean matches(RequestInfo info, @Nullable UserInfo user) {
        if (!users.isEmpty() && (user == null || !users.contains(user.name()))) {
            return false;
        }
        if (!userGroups.isEmpty() && (user == null || user.groups().stream().noneMatch(userGroups::contains))) {
            return false;
        }
        if (!verbs.isEmpty() && !verbs.contains(info.verb())) {
            return false;
        }
        if (!namespaces.isEmpty() || !resources.isEmpty()) {
            return info.resourceRequest()
                    && (namespaces.isEmpty() || namespaces.contains(info.namespace()))
                    && (resources.isEmpty() || resources.stream().anyMatch(some -> some.match(info)));
        }
        return nonResourceUrls.isEmpty()
                || (!info.resourceRequest()
                        && nonResourceUrls.stream().anyMatch(pattern -> pathMatches(pattern, info.path())));
    }

    private static boolean pathMatches(String pattern, String path) {
        return pattern.equals("*")
                || pattern.equals(path)
                || (pattern.endsWith("*") && path.startsWith(pattern.substring(0, pattern.length() - 1)));
    }
}
