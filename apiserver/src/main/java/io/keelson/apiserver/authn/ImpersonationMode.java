package io.keelson.apiserver.authn;

import io.keelson.apiserver.authz.Attributes;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.NodeIdentity;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.apiserver.resource.GroupResource;
import io.keelson.apiserver.validation.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A way to be allowed to act as somebody else. In the narrow ones, {@code impersonate:MODE} must be allowed on whom to act
 * as, and {@code impersonate-on:MODE:VERB} on what is then done; in the plain one {@code impersonate} on whom to act as,
 * for anything.
 *
 * @param constraint of the narrow ones, the name of the mode; empty for the plain one
 */
record ImpersonationMode(Authorizer authorizer, String constraint) {
    private static final String ASSOCIATED_NODE = "associated-node";
    private static final String ARBITRARY_NODE = "arbitrary-node";
    private static final String SERVICE_ACCOUNT = "serviceaccount";
    private static final String USER_INFO = "user-info";

    private static final String GROUP = "authentication.k8s.io";
    private static final int MANY = 4;

    /** All ways, in the order in which they are tried. */
    static List<ImpersonationMode> all(Authorizer authorizer) {
        List<ImpersonationMode> modes = new ArrayList<>();
        for (String constraint : List.of(ASSOCIATED_NODE, ARBITRARY_NODE, SERVICE_ACCOUNT, USER_INFO, "")) {
            modes.add(new ImpersonationMode(authorizer, constraint));
        }
        return modes;
    }

    boolean narrow() {
        return !constraint.isEmpty();
    }

    /** What must be allowed on whom to act as. */
    String verb() {
        return narrow() ? "impersonate:" + constraint : "impersonate";
    }

    /** Whether this way is for this kind of user. */
    boolean appliesTo(UserInfo wanted, UserInfo asking) {
        boolean nameOnly = wanted.uid().isEmpty()
                && wanted.groups().isEmpty()
                && wanted.extra().isEmpty();
        return switch (constraint) {
            case ASSOCIATED_NODE -> {
                String node = nodeName(wanted.name());
                yield nameOnly
                        && node != null
                        && ServiceAccountUser.parse(asking.name()) != null
                        && asking.extra()
                                .getOrDefault(ServiceAccountUser.NODE_NAME, List.of())
                                .equals(List.of(node));
            }
            case ARBITRARY_NODE -> nameOnly && nodeName(wanted.name()) != null;
            case SERVICE_ACCOUNT -> nameOnly && ServiceAccountUser.parse(wanted.name()) != null;
            case USER_INFO -> nodeName(wanted.name()) == null && ServiceAccountUser.parse(wanted.name()) == null;
            default -> true;
        };
    }

    /**
     * Checks that it is allowed.
     *
     * @return the user to become
     * @throws io.keelson.apiserver.errors.ApiException Forbidden
     */
    UserInfo check(UserInfo wanted, Attributes attributes) {
        UserInfo asking = constraint.equals(ASSOCIATED_NODE) ? withoutNode(attributes.user()) : attributes.user();
        if (narrow()) {
            authorizer.require(
                    attributes.withUser(asking).withVerb("impersonate-on:" + constraint + ":" + attributes.verb()));
        }
        List<String> groups = new ArrayList<>(wanted.groups());
        checkName(wanted, asking, groups);
        if (!wanted.uid().isEmpty()) {
            require(asking, new GroupResource(GROUP, "uids"), "", "", wanted.uid());
        }
        checkGroups(wanted.groups(), asking);
        checkExtra(wanted.extra(), asking);
        if (wanted.name().equals(UserInfo.ANONYMOUS.name())) {
            add(groups, UserInfo.UNAUTHENTICATED);
        } else if (!groups.contains(UserInfo.UNAUTHENTICATED)) {
            add(groups, UserInfo.AUTHENTICATED);
        }
        return new UserInfo(wanted.name(), wanted.uid(), groups, wanted.extra());
    }

    private static void add(List<String> groups, String group) {
        if (!groups.contains(group)) {
            groups.add(group);
        }
    }

    private void checkName(UserInfo wanted, UserInfo asking, List<String> groups) {
        String node = nodeName(wanted.name());
        if (narrow() && node != null) {
            groups.add(NodeIdentity.GROUP);
            // The question is whether it may act as the node it runs on, whichever that is
            require(asking, users("nodes"), "", "", constraint.equals(ASSOCIATED_NODE) ? "*" : node);
            return;
        }
        ServiceAccountUser account = ServiceAccountUser.parse(wanted.name());
        if (account != null) {
            if (wanted.groups().isEmpty()) {
                groups.addAll(account.groups());
            }
            require(asking, users("serviceaccounts"), "", account.namespace(), account.name());
            return;
        }
        require(asking, users("users"), "", "", wanted.name());
    }

    /** Users and groups are in the core group for the plain way. */
    private GroupResource users(String resource) {
        return new GroupResource(narrow() ? GROUP : "", resource);
    }

    private void checkGroups(List<String> groups, UserInfo asking) {
        GroupResource resource = users("groups");
        if (narrow()) {
            Attributes all = attributes(asking, resource, "", "", "");
            if (groups.contains("")) {
                throw all.forbidden("impersonating the empty string group is not allowed");
            }
            if (groups.contains(UserInfo.MASTERS)) {
                throw all.withName(UserInfo.MASTERS).forbidden("impersonating the system:masters group is not allowed");
            }
            if (groups.size() >= MANY && allowed(asking, resource, "", "*")) {
                return;
            }
        }
        groups.forEach(group -> require(asking, resource, "", "", group));
    }

    private void checkExtra(Map<String, List<String>> extra, UserInfo asking) {
        if (extra.isEmpty()) {
            return;
        }
        GroupResource resource = new GroupResource(GROUP, "userextras");
        if (narrow()) {
            String wrong = wrongExtra(extra);
            if (wrong != null) {
                throw attributes(asking, resource, "", "", "").forbidden(wrong);
            }
            int count = extra.values().stream().mapToInt(List::size).sum();
            if (Math.max(count, extra.size()) >= MANY && allowed(asking, resource, "*", "*")) {
                return;
            }
        }
        extra.forEach((key, values) -> values.forEach(value -> require(asking, resource, key, "", value)));
    }

    private static @Nullable String wrongExtra(Map<String, List<String>> extra) {
        for (Map.Entry<String, List<String>> entry : extra.entrySet()) {
            String key = entry.getKey();
            if (key.isEmpty()) {
                return "impersonating the empty string key in extra is not allowed";
            }
            int slash = key.indexOf('/');
            if (slash <= 0
                    || slash == key.length() - 1
                    || !Names.dnsSubdomain(key.substring(0, slash)).isEmpty()) {
                return "impersonating an invalid key in extra is not allowed: extra[key]: Invalid value: \"" + key
                        + "\": must be a domain-prefixed path (such as \"acme.io/foo\")";
            }
            if (!key.equals(key.toLowerCase(Locale.ROOT))) {
                return "impersonating a non-lowercase key in extra is not allowed: \"" + key + "\"";
            }
            if (entry.getValue().isEmpty()) {
                return "impersonating empty values in extra is not allowed";
            }
            if (entry.getValue().contains("")) {
                return "impersonating the empty string value in extra is not allowed";
            }
        }
        return null;
    }

    private Attributes attributes(
            UserInfo asking, GroupResource resource, String subresource, String namespace, String name) {
        return Attributes.ofResource(asking, verb(), resource, subresource, namespace, name);
    }

    private void require(UserInfo asking, GroupResource resource, String subresource, String namespace, String name) {
        authorizer.require(attributes(asking, resource, subresource, namespace, name));
    }

    private boolean allowed(UserInfo asking, GroupResource resource, String subresource, String name) {
        return authorizer
                .authorize(attributes(asking, resource, subresource, "", name))
                .allowed();
    }

    /** Who asks, without what differs from node to node; what is left are the names of the extra values. */
    private static UserInfo withoutNode(UserInfo user) {
        return new UserInfo(
                user.name(),
                user.uid(),
                user.groups(),
                Map.of(
                        "authentication.kubernetes.io/associated-node-keys",
                        user.extra().keySet().stream().sorted().toList()));
    }

    private static @Nullable String nodeName(String userName) {
        if (!userName.startsWith(NodeIdentity.PREFIX)) {
            return null;
        }
        String name = userName.substring(NodeIdentity.PREFIX.length());
        return Names.dnsSubdomain(name).isEmpty() ? name : null;
    }
}
