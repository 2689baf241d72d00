package io.keelson.apiserver.authz;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.request.UserInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which rules apply to whom: all roles and bindings, found by subject. Whoever follows the watches puts in what was added
 * or changed and takes out what was deleted, in order; readers see an immutable state of everything and never wait.
 *
 * <p>Bindings of one namespace (those of the cluster being a namespace of their own) are indexed together and indexed
 * anew when one of them changes; a role is looked up by its name at the time of a decision, so that a change of a role is
 * a change of one entry. A decision costs one look-up for the user's name and one for each group, twice.
 */
public final class RuleIndex {
    /** Where bindings of the cluster are kept among those of namespaces. */
    private static final String CLUSTER = "";

    private final Map<String, Map<String, Binding>> bindings = new HashMap<>();
    private volatile State state = new State(Map.of(), Map.of());

    /** A kind of object that the index is made from. */
    public enum Kind {
        ROLE,
        CLUSTER_ROLE,
        ROLE_BINDING,
        CLUSTER_ROLE_BINDING
    }

    record Binding(String name, String namespace, RoleRef role, List<BoundSubject> subjects) {
        static Binding of(JsonNode object, String namespace) {
            List<BoundSubject> subjects = new ArrayList<>();
            for (JsonNode subject : object.path("subjects")) {
                BoundSubject bound = BoundSubject.of(subject, namespace);
                if (bound != null) {
                    subjects.add(bound);
                }
            }
            return new Binding(ObjectMeta.name(object), namespace, RoleRef.of(object), subjects);
        }
    }

    /** A binding as one subject meets it: why a rule applies. Becomes text only when somebody reads it. */
    record Grant(Binding binding, BoundSubject subject) {
        /** {@code ClusterRoleBinding "x" of ClusterRole "y" to User "z"}. */
        @Override
        public String toString() {
            String shown = binding.namespace().isEmpty()
                    ? "ClusterRoleBinding " + Attributes.quoted(binding.name())
                    : "RoleBinding " + Attributes.quoted(binding.name() + "/" + binding.namespace());
            RoleRef role = binding.role();
            return shown + " of " + role.kind() + " " + Attributes.quoted(role.name()) + " to " + subject.shown();
        }
    }

    private record Grants(Map<String, List<Grant>> users, Map<String, List<Grant>> groups) {
        static final Grants NONE = new Grants(Map.of(), Map.of());
    }

    /** Roles by namespace and name (CLUSTER for cluster roles), grants by namespace. Never changed. */
    private record State(Map<String, Map<String, List<PolicyRule>>> roles, Map<String, Grants> grants) {}

    /** Receives rules one by one. */
    interface Visitor {
        /**
         * @param source what grants the rule, for the reason
         * @return whether to go on
         */
        boolean rule(PolicyRule rule, Grant source);

        /** A binding's role is not there. */
        void missing(RoleRef role);
    }

    /** Puts in an object that is new or changed. */
    public void put(Kind kind, JsonNode object) {
        String name = ObjectMeta.name(object);
        switch (kind) {
            case ROLE -> putRole(ObjectMeta.namespace(object), name, PolicyRule.rulesOf(object));
            case CLUSTER_ROLE -> putRole(CLUSTER, name, PolicyRule.rulesOf(object));
            case ROLE_BINDING -> putBinding(Binding.of(object, ObjectMeta.namespace(object)));
            case CLUSTER_ROLE_BINDING -> putBinding(Binding.of(object, CLUSTER));
        }
    }

    /**
     * Takes out an object that was deleted.
     *
     * @param namespace empty for what belongs to the cluster
     */
    public synchronized void remove(Kind kind, String namespace, String name) {
        switch (kind) {
            case ROLE, CLUSTER_ROLE -> putRole(namespace, name, null);
            case ROLE_BINDING, CLUSTER_ROLE_BINDING -> {
                Map<String, Binding> there = bindings.get(namespace);
                if (there != null && there.remove(name) != null) {
                    if (there.isEmpty()) {
                        bindings.remove(namespace);
                    }
                    index(namespace);
                }
            }
        }
    }

    /** Puts in all objects of a kind, in place of those that were there: after a list. */
    public synchronized void replace(Kind kind, Collection<? extends JsonNode> objects) {
        switch (kind) {
            case ROLE, CLUSTER_ROLE -> replaceRoles(kind, objects);
            case ROLE_BINDING, CLUSTER_ROLE_BINDING -> replaceBindings(kind, objects);
        }
    }

    private void replaceRoles(Kind kind, Collection<? extends JsonNode> objects) {
        boolean cluster = kind == Kind.CLUSTER_ROLE;
        Map<String, Map<String, List<PolicyRule>>> roles = new HashMap<>(state.roles());
        roles.keySet().removeIf(namespace -> namespace.equals(CLUSTER) == cluster);
        Map<String, Map<String, List<PolicyRule>>> fresh = new HashMap<>();
        for (JsonNode object : objects) {
            fresh.computeIfAbsent(cluster ? CLUSTER : ObjectMeta.namespace(object), _ -> new HashMap<>())
                    .put(ObjectMeta.name(object), PolicyRule.rulesOf(object));
        }
        roles.putAll(fresh);
        state = new State(roles, state.grants());
    }

    private void replaceBindings(Kind kind, Collection<? extends JsonNode> objects) {
        boolean cluster = kind == Kind.CLUSTER_ROLE_BINDING;
        bindings.keySet().removeIf(namespace -> namespace.equals(CLUSTER) == cluster);
        Map<String, Grants> grants = new HashMap<>(state.grants());
        grants.keySet().removeIf(namespace -> namespace.equals(CLUSTER) == cluster);
        for (JsonNode object : objects) {
            String namespace = cluster ? CLUSTER : ObjectMeta.namespace(object);
            Binding binding = Binding.of(object, namespace);
            bindings.computeIfAbsent(namespace, _ -> new TreeMap<>()).put(binding.name(), binding);
        }
        bindings.forEach((namespace, there) -> {
            if (namespace.equals(CLUSTER) == cluster) {
                grants.put(namespace, grants(there.values()));
            }
        });
        state = new State(state.roles(), grants);
    }

    private synchronized void putRole(String namespace, String name, @Nullable List<PolicyRule> rules) {
        Map<String, Map<String, List<PolicyRule>>> roles = new HashMap<>(state.roles());
        Map<String, List<PolicyRule>> there = new HashMap<>(roles.getOrDefault(namespace, Map.of()));
        if (rules == null) {
            there.remove(name);
        } else {
            there.put(name, rules);
        }
        if (there.isEmpty()) {
            roles.remove(namespace);
        } else {
            roles.put(namespace, there);
        }
        state = new State(roles, state.grants());
    }

    private synchronized void putBinding(Binding binding) {
        bindings.computeIfAbsent(binding.namespace(), _ -> new TreeMap<>()).put(binding.name(), binding);
        index(binding.namespace());
    }

    private void index(String namespace) {
        Map<String, Grants> grants = new HashMap<>(state.grants());
        Map<String, Binding> there = bindings.get(namespace);
        if (there == null) {
            grants.remove(namespace);
        } else {
            grants.put(namespace, grants(there.values()));
        }
        state = new State(state.roles(), grants);
    }

    private static Grants grants(Collection<Binding> bindings) {
        Map<String, List<Grant>> users = new HashMap<>();
        Map<String, List<Grant>> groups = new HashMap<>();
        for (Binding binding : bindings) {
            for (BoundSubject subject : binding.subjects()) {
                (subject.group() ? groups : users)
                        .computeIfAbsent(subject.name(), _ -> new ArrayList<>(1))
                        .add(new Grant(binding, subject));
            }
        }
        return new Grants(users, groups);
    }

    /** Shows every rule that applies to a user in a namespace (and everywhere); the same rule perhaps several times. */
    void visit(UserInfo user, String namespace, Visitor visitor) {
        State now = state;
        if (visit(now, CLUSTER, user, visitor) && !namespace.isEmpty()) {
            visit(now, namespace, user, visitor);
        }
    }

    private static boolean visit(State now, String namespace, UserInfo user, Visitor visitor) {
        Grants grants = now.grants().getOrDefault(namespace, Grants.NONE);
        if (!visit(now, grants.users().get(user.name()), visitor)) {
            return false;
        }
        for (String group : user.groups()) {
            if (!visit(now, grants.groups().get(group), visitor)) {
                return false;
            }
        }
        return true;
    }

    private static boolean visit(State now, @Nullable List<Grant> grants, Visitor visitor) {
        if (grants == null) {
            return true;
        }
        for (Grant grant : grants) {
            Binding binding = grant.binding();
            List<PolicyRule> rules = rules(now, binding.role(), binding.namespace());
            if (rules == null) {
                visitor.missing(binding.role());
                continue;
            }
            for (PolicyRule rule : rules) {
                if (!visitor.rule(rule, grant)) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * The rules of the role that a binding names; null if there is no such role.
     *
     * @param namespace of the binding
     */
    public @Nullable List<PolicyRule> rules(RoleRef role, String namespace) {
        return rules(state, role, namespace);
    }

    private static @Nullable List<PolicyRule> rules(State now, RoleRef role, String namespace) {
        String where = switch (role.kind()) {
            case RoleRef.CLUSTER_ROLE -> CLUSTER;
            case RoleRef.ROLE -> namespace.isEmpty() ? null : namespace;
            default -> null;
        };
        return where == null ? null : now.roles().getOrDefault(where, Map.of()).get(role.name());
    }

    /** All rules that apply to a user in a namespace, and what could not be resolved. */
    public RuleList rulesFor(UserInfo user, String namespace) {
        Set<PolicyRule> rules = new LinkedHashSet<>();
        List<String> errors = new ArrayList<>();
        visit(user, namespace, new Visitor() {
            @Override
            public boolean rule(PolicyRule rule, Grant source) {
                rules.add(rule);
                return true;
            }

            @Override
            public void missing(RoleRef role) {
                errors.add(role.notFound());
            }
        });
        return new RuleList(List.copyOf(rules), !errors.isEmpty(), UnionAuthorizer.aggregate(errors));
    }
}
