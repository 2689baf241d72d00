package io.keelson.kvstore.auth;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnknownFieldSet;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleDeleteRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthRoleRevokePermissionRequest;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserChangePasswordRequest;
import io.keelson.kvstore.api.AuthUserDeleteRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.AuthUserRevokeRoleRequest;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.api.AuthenticateResponse;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.apply.ApplyResult;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandContext;
import io.keelson.kvstore.apply.CommandHandler;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.storage.Session;
import io.keelson.kvstore.storage.Table;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users and roles. Carries out the commands that change them, and hands out simple tokens.
 *
 * <p>Everything is in memory as an {@link AuthView}: one that follows each command, for the apply thread, and one that
 * follows each committed batch, for everybody else. {@link AuthTable} says what is on disk. Every change makes the
 * revision one larger, and with it worthless whatever was decided under an older one: a write that was let in before a
 * change and is carried out after it is refused with {@code AUTH_OLD_REVISION}.
 */
public final class AuthStore implements CommandHandler {
    /** Longer names are refused: a command carries its user's name, and has so much room for it. */
    static final int NAME_BYTES_MAX = Command.USER_BYTES_MAX;

    /** Where the command {@code AUTH_AUTHENTICATE} carries the token's random part. */
    static final int TOKEN_FIELD = 15;

    private static final Logger log = LoggerFactory.getLogger(AuthStore.class);

    private final Supplier<Session> session;
    private final Tokens tokens;

    /** As the commands so far have made it. Apply thread only. */
    private AuthView working = AuthView.EMPTY;
    /** What the commands of this batch mean for simple tokens, in order. Apply thread only. */
    private final List<TokenChange> tokenChanges = new ArrayList<>();

    private volatile AuthView committed = AuthView.EMPTY;

    private sealed interface TokenChange {
        record Assign(String token, String user) implements TokenChange {}

        record DropUser(String user) implements TokenChange {}

        record Clear() implements TokenChange {}
    }

    /**
     * @param session the session of the apply thread, asked for when the whole state is read anew
     * @param tokens simple tokens are assigned and dropped here as the log says
     */
    public AuthStore(Supplier<Session> session, Tokens tokens) {
        this.session = session;
        this.tokens = tokens;
    }

    /** Users and roles as committed. Any thread. */
    public AuthView view() {
        return committed;
    }

    /** Users and roles as the commands so far have made them. Apply thread only. */
    AuthView working() {
        return working;
    }

    @Override
    public ApplyResult apply(CommandContext context, Command command) {
        ByteBuffer payload = command.payload();
        return switch (command.kind()) {
            case AUTH_ENABLE -> enable(context);
            case AUTH_DISABLE -> disable(context);
            case AUTH_USER_ADD -> userAdd(context, parse(AuthUserAddRequest.parser(), payload));
            case AUTH_USER_DELETE -> userDelete(context, parse(AuthUserDeleteRequest.parser(), payload));
            case AUTH_USER_CHANGE_PASSWORD ->
                userChangePassword(context, parse(AuthUserChangePasswordRequest.parser(), payload));
            case AUTH_USER_GRANT_ROLE -> userGrantRole(context, parse(AuthUserGrantRoleRequest.parser(), payload));
            case AUTH_USER_REVOKE_ROLE -> userRevokeRole(context, parse(AuthUserRevokeRoleRequest.parser(), payload));
            case AUTH_ROLE_ADD -> roleAdd(context, parse(AuthRoleAddRequest.parser(), payload));
            case AUTH_ROLE_DELETE -> roleDelete(context, parse(AuthRoleDeleteRequest.parser(), payload));
            case AUTH_ROLE_GRANT_PERMISSION ->
                roleGrantPermission(context, parse(AuthRoleGrantPermissionRequest.parser(), payload));
            case AUTH_ROLE_REVOKE_PERMISSION ->
                roleRevokePermission(context, parse(AuthRoleRevokePermissionRequest.parser(), payload));
            case AUTH_AUTHENTICATE -> authenticate(context, parse(AuthenticateRequest.parser(), payload));
            default -> throw new IllegalArgumentException("not a command for users and roles: " + command.kind());
        };
    }

    private static <T> T parse(Parser<T> parser, ByteBuffer payload) {
        try {
            return parser.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a command on users or roles in the log cannot be read", e);
        }
    }

    private static ApplyResult refuse(CommandContext context, EtcdError error) {
        return ApplyResult.failure(context.revision(), error);
    }

    private static ApplyResult done(CommandContext context) {
        return ApplyResult.success(context.revision());
    }

    private ApplyResult enable(CommandContext context) {
        if (working.enabled()) {
            return done(context);
        }
        User root = working.user(AuthView.ROOT);
        if (root == null) {
            return refuse(context, EtcdError.ROOT_USER_NOT_EXIST);
        }
        if (!AuthView.hasRootRole(root)) {
            return refuse(context, EtcdError.ROOT_ROLE_NOT_EXIST);
        }
        become(context, working.withEnabled(true, working.revision()));
        log.info("authentication is on");
        return done(context);
    }

    private ApplyResult disable(CommandContext context) {
        if (!working.enabled()) {
            return done(context);
        }
        become(context, working.withEnabled(false, working.revision() + 1));
        tokenChanges.add(new TokenChange.Clear());
        log.info("authentication is off");
        return done(context);
    }

    private ApplyResult userAdd(CommandContext context, AuthUserAddRequest request) {
        String name = request.getName();
        if (name.isEmpty()) {
            return refuse(context, EtcdError.USER_EMPTY);
        }
        if (tooLong(name)) {
            return refuse(context, EtcdError.REQUEST_TOO_LARGE);
        }
        if (working.user(name) != null) {
            return refuse(context, EtcdError.USER_ALREADY_EXIST);
        }
        User.Builder user =
                User.newBuilder().setName(ByteString.copyFromUtf8(name)).setOptions(request.getOptions());
        if (!request.getOptions().getNoPassword()) {
            ByteString hash = decoded(request.getHashedPassword());
            if (hash == null) {
                return refuse(context, EtcdError.INVALID_AUTH_MGMT);
            }
            user.setPassword(hash);
        }
        putUser(context, user.build());
        return done(context);
    }

    /** The hash in a request, which is in base64 there. */
    private static @Nullable ByteString decoded(String hashedPassword) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(hashedPassword));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean tooLong(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX;
    }

    private ApplyResult userDelete(CommandContext context, AuthUserDeleteRequest request) {
        if (working.enabled() && request.getName().equals(AuthView.ROOT)) {
            return refuse(context, EtcdError.INVALID_AUTH_MGMT);
        }
        if (working.user(request.getName()) == null) {
            return refuse(context, EtcdError.USER_NOT_FOUND);
        }
        change(context, users(request.getName(), null), Map.of());
        tokenChanges.add(new TokenChange.DropUser(request.getName()));
        return done(context);
    }

    private ApplyResult userChangePassword(CommandContext context, AuthUserChangePasswordRequest request) {
        User user = working.user(request.getName());
        if (user == null) {
            return refuse(context, EtcdError.USER_NOT_FOUND);
        }
        User.Builder changed = user.toBuilder().clearPassword();
        if (!user.getOptions().getNoPassword()) {
            ByteString hash = decoded(request.getHashedPassword());
            if (hash == null) {
                return refuse(context, EtcdError.INVALID_AUTH_MGMT);
            }
            changed.setPassword(hash);
        }
        putUser(context, changed.build());
        tokenChanges.add(new TokenChange.DropUser(request.getName()));
        return done(context);
    }

    private ApplyResult userGrantRole(CommandContext context, AuthUserGrantRoleRequest request) {
        User user = working.user(request.getUser());
        if (user == null) {
            return refuse(context, EtcdError.USER_NOT_FOUND);
        }
        if (!request.getRole().equals(AuthView.ROOT) && working.role(request.getRole()) == null) {
            return refuse(context, EtcdError.ROLE_NOT_FOUND);
        }
        if (user.getRolesList().contains(request.getRole())) {
            return done(context);
        }
        List<String> roles = new ArrayList<>(user.getRolesList());
        roles.add(request.getRole());
        roles.sort(AuthView.BY_CODE_POINTS);
        putUser(context, user.toBuilder().clearRoles().addAllRoles(roles).build());
        return done(context);
    }

    private ApplyResult userRevokeRole(CommandContext context, AuthUserRevokeRoleRequest request) {
        if (working.enabled()
                && request.getName().equals(AuthView.ROOT)
                && request.getRole().equals(AuthView.ROOT)) {
            return refuse(context, EtcdError.INVALID_AUTH_MGMT);
        }
        User user = working.user(request.getName());
        if (user == null) {
            return refuse(context, EtcdError.USER_NOT_FOUND);
        }
        if (!user.getRolesList().contains(request.getRole())) {
            return refuse(context, EtcdError.ROLE_NOT_GRANTED);
        }
        putUser(context, without(user, request.getRole()));
        return done(context);
    }

    private static User without(User user, String role) {
        return user.toBuilder()
                .clearRoles()
                .addAllRoles(user.getRolesList().stream()
                        .filter(name -> !name.equals(role))
                        .toList())
                .build();
    }

    private ApplyResult roleAdd(CommandContext context, AuthRoleAddRequest request) {
        if (request.getName().isEmpty()) {
            return refuse(context, EtcdError.ROLE_EMPTY);
        }
        if (tooLong(request.getName())) {
            return refuse(context, EtcdError.REQUEST_TOO_LARGE);
        }
        if (working.role(request.getName()) != null) {
            return refuse(context, EtcdError.ROLE_ALREADY_EXIST);
        }
        putRole(
                context,
                Role.newBuilder()
                        .setName(ByteString.copyFromUtf8(request.getName()))
                        .build());
        return done(context);
    }

    private ApplyResult roleDelete(CommandContext context, AuthRoleDeleteRequest request) {
        if (working.enabled() && request.getRole().equals(AuthView.ROOT)) {
            return refuse(context, EtcdError.INVALID_AUTH_MGMT);
        }
        if (working.role(request.getRole()) == null) {
            return refuse(context, EtcdError.ROLE_NOT_FOUND);
        }
        Map<String, @Nullable User> users = new HashMap<>();
        for (User user : working.usersOf(request.getRole())) {
            users.put(user.getName().toStringUtf8(), without(user, request.getRole()));
        }
        Map<String, @Nullable Role> roles = new HashMap<>();
        roles.put(request.getRole(), null);
        change(context, users, roles);
        return done(context);
    }

    private ApplyResult roleGrantPermission(CommandContext context, AuthRoleGrantPermissionRequest request) {
        if (!request.hasPerm()) {
            return refuse(context, EtcdError.PERMISSION_NOT_GIVEN);
        }
        Permission permission = request.getPerm();
        if (!validRange(permission.getKey(), permission.getRangeEnd())) {
            return refuse(context, EtcdError.INVALID_AUTH_MGMT);
        }
        Role role = working.role(request.getName());
        if (role == null) {
            return refuse(context, EtcdError.ROLE_NOT_FOUND);
        }
        List<Permission> permissions = new ArrayList<>(role.getKeyPermissionList());
        permissions.removeIf(other -> sameRange(other, permission.getKey(), permission.getRangeEnd()));
        int at = 0;
        while (at < permissions.size() && compare(permissions.get(at).getKey(), permission.getKey()) <= 0) {
            at++;
        }
        permissions.add(at, permission);
        putRole(
                context,
                role.toBuilder()
                        .clearKeyPermission()
                        .addAllKeyPermission(permissions)
                        .build());
        return done(context);
    }

    /** A permission needs a key, and an end behind it, or none, or the one that stands for all keys from there on. */
    private static boolean validRange(ByteString key, ByteString rangeEnd) {
        boolean open = rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
        return !key.isEmpty() && (rangeEnd.isEmpty() || open || compare(key, rangeEnd) < 0);
    }

    private static int compare(ByteString a, ByteString b) {
        return ByteString.unsignedLexicographicalComparator().compare(a, b);
    }

    private static boolean sameRange(Permission permission, ByteString key, ByteString rangeEnd) {
        return permission.getKey().equals(key) && permission.getRangeEnd().equals(rangeEnd);
    }

    private ApplyResult roleRevokePermission(CommandContext context, AuthRoleRevokePermissionRequest request) {
        Role role = working.role(request.getRole());
        if (role == null) {
            return refuse(context, EtcdError.ROLE_NOT_FOUND);
        }
        List<Permission> permissions = role.getKeyPermissionList().stream()
                .filter(permission -> !sameRange(permission, request.getKey(), request.getRangeEnd()))
                .toList();
        if (permissions.size() == role.getKeyPermissionCount()) {
            return refuse(context, EtcdError.PERMISSION_NOT_GRANTED);
        }
        putRole(
                context,
                role.toBuilder()
                        .clearKeyPermission()
                        .addAllKeyPermission(permissions)
                        .build());
        return done(context);
    }

    /** The password was checked before the command was proposed. */
    private ApplyResult authenticate(CommandContext context, AuthenticateRequest request) {
        if (!working.enabled()) {
            return refuse(context, EtcdError.AUTH_NOT_ENABLED);
        }
        User user = working.user(request.getName());
        if (user == null || user.getOptions().getNoPassword()) {
            return refuse(context, EtcdError.AUTH_FAILED);
        }
        UnknownFieldSet.Field prefix = request.getUnknownFields().getField(TOKEN_FIELD);
        if (prefix.getLengthDelimitedList().isEmpty()) {
            throw new IllegalArgumentException("an assignment of a token in the log carries none");
        }
        String token = prefix.getLengthDelimitedList().getLast().toStringUtf8() + "." + context.index();
        tokenChanges.add(new TokenChange.Assign(token, request.getName()));
        return ApplyResult.success(
                context.revision(),
                AuthenticateResponse.newBuilder().setToken(token).build().toByteArray());
    }

    private static Map<String, @Nullable User> users(String name, @Nullable User user) {
        Map<String, @Nullable User> users = new HashMap<>();
        users.put(name, user);
        return users;
    }

    private void putUser(CommandContext context, User user) {
        change(context, users(user.getName().toStringUtf8(), user), Map.of());
    }

    private void putRole(CommandContext context, Role role) {
        Map<String, @Nullable Role> roles = new HashMap<>();
        roles.put(role.getName().toStringUtf8(), role);
        change(context, Map.of(), roles);
    }

    private void change(CommandContext context, Map<String, @Nullable User> users, Map<String, @Nullable Role> roles) {
        users.forEach((name, user) ->
                write(context.session(), AuthTable.userKey(name), user == null ? null : user.toByteArray()));
        roles.forEach((name, role) ->
                write(context.session(), AuthTable.roleKey(name), role == null ? null : role.toByteArray()));
        become(context, working.with(users, roles));
    }

    private static void write(Session session, byte[] key, byte @Nullable [] value) {
        if (value == null) {
            session.delete(Table.AUTH, key);
        } else {
            session.put(Table.AUTH, key, value);
        }
    }

    private void become(CommandContext context, AuthView next) {
        context.session().put(Table.AUTH, AuthTable.stateKey(), AuthTable.encodeState(next.enabled(), next.revision()));
        working = next;
    }

    @Override
    public void batchCommitted() {
        committed = working;
        if (tokenChanges.isEmpty()) {
            return;
        }
        if (tokens instanceof SimpleTokens simple) {
            for (TokenChange change : tokenChanges) {
                switch (change) {
                    case TokenChange.Assign(String token, String user) -> simple.assign(token, user);
                    case TokenChange.DropUser(String user) -> simple.dropUser(user);
                    case TokenChange.Clear() -> simple.clear();
                }
            }
        }
        tokenChanges.clear();
    }

    @Override
    public void reload() {
        Session from = session.get();
        Map<String, User> users = new HashMap<>();
        from.scan(Table.AUTH, AuthTable.usersFrom(), AuthTable.usersTo(), (_, value) -> {
            User user = parse(User.parser(), ByteBuffer.wrap(value));
            users.put(user.getName().toStringUtf8(), user);
            return true;
        });
        Map<String, Role> roles = new HashMap<>();
        from.scan(Table.AUTH, AuthTable.rolesFrom(), AuthTable.rolesTo(), (_, value) -> {
            Role role = parse(Role.parser(), ByteBuffer.wrap(value));
            roles.put(role.getName().toStringUtf8(), role);
            return true;
        });
        byte[] state = from.get(Table.AUTH, AuthTable.stateKey());
        working = state == null
                ? new AuthView(false, 1, users, roles)
                : new AuthView(AuthTable.enabled(state), AuthTable.revision(state), users, roles);
        tokenChanges.clear();
        // Whose tokens a skipped part of the log has made worthless is not known.
        if (tokens instanceof SimpleTokens simple) {
            simple.clear();
        }
        committed = working;
    }
}
