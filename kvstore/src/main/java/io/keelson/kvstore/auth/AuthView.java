package io.keelson.kvstore.auth;

import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.errors.EtcdError;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All users and roles at one revision of them. Immutable, any thread. What a user's roles permit together is worked out
 * when it is first asked for.
 */
public final class AuthView {
    /** The user and the role that may do everything. */
    static final String ROOT = "root";

    /** As Go sorts strings, and RocksDB names: by their UTF-8 bytes, which is by code points. */
    static final Comparator<String> BY_CODE_POINTS = AuthView::compareCodePoints;

    /** A cluster that never heard of users. */
    static final AuthView EMPTY = new AuthView(false, 1, Map.of(), Map.of());

    private final boolean enabled;
    private final long revision;
    private final Map<String, User> users;
    private final Map<String, Role> roles;
    private final Map<String, Scope> scopes = new ConcurrentHashMap<>();

    AuthView(boolean enabled, long revision, Map<String, User> users, Map<String, Role> roles) {
        this.enabled = enabled;
        this.revision = revision;
        this.users = users;
        this.roles = roles;
    }

    /** Whether authentication is on. */
    public boolean enabled() {
        return enabled;
    }

    /** The revision of users and roles: every change makes it one larger. */
    public long revision() {
        return revision;
    }

    @Nullable
    User user(String name) {
        return users.get(name);
    }

    @Nullable
    Role role(String name) {
        return roles.get(name);
    }

    /** All users' names in order. */
    List<String> userNames() {
        return users.keySet().stream().sorted(BY_CODE_POINTS).toList();
    }

    /** All roles' names in order. */
    List<String> roleNames() {
        return roles.keySet().stream().sorted(BY_CODE_POINTS).toList();
    }

    /** The users that have a role. */
    List<User> usersOf(String role) {
        return users.values().stream()
                .filter(user -> user.getRolesList().contains(role))
                .toList();
    }

    AuthView withEnabled(boolean on, long atRevision) {
        return new AuthView(on, atRevision, users, roles);
    }

    /** With the change made and the revision one larger; null in place of a user or role removes it. */
    AuthView with(Map<String, @Nullable User> changedUsers, Map<String, @Nullable Role> changedRoles) {
        return new AuthView(enabled, revision + 1, merged(users, changedUsers), merged(roles, changedRoles));
    }

    private static <V> Map<String, V> merged(Map<String, V> all, Map<String, @Nullable V> changes) {
        if (changes.isEmpty()) {
            return all;
        }
        Map<String, V> merged = new HashMap<>(all);
        changes.forEach((name, value) -> {
            if (value == null) {
                merged.remove(name);
            } else {
                merged.put(name, value);
            }
        });
        return merged;
    }

    static boolean hasRootRole(User user) {
        return user.getRolesList().contains(ROOT);
    }

    /** Why a request in this name is refused that only needs somebody; null if it is not. */
    @Nullable
    EtcdError checkUser(RequestUser user) {
        return !enabled || user.known() ? null : EtcdError.USER_EMPTY;
    }

    /** Why a request in this name is refused that needs the root role; null if it is not. */
    @Nullable
    EtcdError checkAdmin(RequestUser user) {
        if (!enabled) {
            return null;
        }
        if (user.name().isEmpty()) {
            return EtcdError.USER_EMPTY;
        }
        User known = users.get(user.name());
        if (known == null) {
            return EtcdError.USER_NOT_FOUND;
        }
        return hasRootRole(known) ? null : EtcdError.PERMISSION_DENIED;
    }

    /**
     * What a user may do.
     *
     * @throws io.keelson.kvstore.errors.EtcdException USER_EMPTY if nobody is known; AUTH_OLD_REVISION if users or roles
     *     have changed since the user was recognised; PERMISSION_DENIED for a user that does not exist
     */
    Scope scope(RequestUser user) {
        if (!enabled) {
            return Scope.EVERYTHING;
        }
        if (!user.known()) {
            throw EtcdError.USER_EMPTY.exception();
        }
        if (user.authRevision() < revision) {
            throw EtcdError.AUTH_OLD_REVISION.exception();
        }
        User known = users.get(user.name());
        if (known == null) {
            throw EtcdError.PERMISSION_DENIED.exception();
        }
        if (hasRootRole(known)) {
            return Scope.EVERYTHING;
        }
        return scopes.computeIfAbsent(
                user.name(),
                _ -> Scope.of(known.getRolesList().stream()
                        .map(roles::get)
                        .filter(Objects::nonNull)
                        .toList()));
    }

    private static int compareCodePoints(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // Surrogates stand for code points above all others, but sort below some of them.
                boolean surrogateX = Character.isSurrogate(x);
                boolean surrogateY = Character.isSurrogate(y);
                return surrogateX == surrogateY ? Character.compare(x, y) : surrogateX ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
