package io.keelson.kvstore.auth;

import static io.keelson.kvstore.api.Permission.Type.READ;
import static io.keelson.kvstore.api.Permission.Type.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.keelson.kvstore.api.AuthDisableRequest;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleDeleteRequest;
import io.keelson.kvstore.api.AuthRoleGrantPermissionRequest;
import io.keelson.kvstore.api.AuthRoleRevokePermissionRequest;
import io.keelson.kvstore.api.AuthUserChangePasswordRequest;
import io.keelson.kvstore.api.AuthUserDeleteRequest;
import io.keelson.kvstore.api.AuthUserRevokeRoleRequest;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.Role;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.apply.Command;
import io.keelson.kvstore.apply.CommandKind;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.mvcc.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AuthStoreTest {
    private final AuthLog log = new AuthLog();
    /** In whose name commands come. */
    private String as = "";

    private @Nullable EtcdError enable() {
        return log.run(as, CommandKind.AUTH_ENABLE, AuthEnableRequest.getDefaultInstance());
    }

    private @Nullable EtcdError addRole(String name) {
        return log.run(
                as,
                CommandKind.AUTH_ROLE_ADD,
                AuthRoleAddRequest.newBuilder().setName(name).build());
    }

    private @Nullable EtcdError addUser(String name) {
        return log.run(as, CommandKind.AUTH_USER_ADD, AuthLog.userAdd(name, "hash"));
    }

    private @Nullable EtcdError grantRole(String user, String role) {
        return log.run(as, CommandKind.AUTH_USER_GRANT_ROLE, AuthLog.grant(user, role));
    }

    private @Nullable EtcdError revokeRole(String user, String role) {
        return log.run(
                as,
                CommandKind.AUTH_USER_REVOKE_ROLE,
                AuthUserRevokeRoleRequest.newBuilder()
                        .setName(user)
                        .setRole(role)
                        .build());
    }

    private @Nullable EtcdError deleteUser(String name) {
        return log.run(
                as,
                CommandKind.AUTH_USER_DELETE,
                AuthUserDeleteRequest.newBuilder().setName(name).build());
    }

    private @Nullable EtcdError deleteRole(String name) {
        return log.run(
                as,
                CommandKind.AUTH_ROLE_DELETE,
                AuthRoleDeleteRequest.newBuilder().setRole(name).build());
    }

    private @Nullable EtcdError grant(String role, Permission.Type type, String key, String end) {
        return log.run(
                as,
                CommandKind.AUTH_ROLE_GRANT_PERMISSION,
                AuthRoleGrantPermissionRequest.newBuilder()
                        .setName(role)
                        .setPerm(AuthLog.permission(type, key, end))
                        .build());
    }

    private @Nullable EtcdError revoke(String role, String key, String end) {
        return log.run(
                as,
                CommandKind.AUTH_ROLE_REVOKE_PERMISSION,
                AuthRoleRevokePermissionRequest.newBuilder()
                        .setRole(role)
                        .setKey(ByteString.copyFromUtf8(key))
                        .setRangeEnd(ByteString.copyFromUtf8(end))
                        .build());
    }

    private User user(String name) {
        return assertNotNull(log.store.view().user(name));
    }

    private Role role(String name) {
        return assertNotNull(log.store.view().role(name));
    }

    private static <T> T assertNotNull(@Nullable T value) {
        if (value == null) {
            throw new AssertionError("there is none");
        }
        return value;
    }

    @Test
    void enablingNeedsARootUserWithTheRootRole() {
        assertEquals(EtcdError.ROOT_USER_NOT_EXIST, enable());
        addUser("root");
        assertEquals(EtcdError.ROOT_ROLE_NOT_EXIST, enable());
        grantRole("root", "root");
        assertNull(enable());
        assertTrue(log.store.view().enabled());
        as = "root";
        assertNull(enable());
    }

    @Test
    void everyChangeButEnablingMakesTheRevisionOneLarger() {
        assertEquals(1, log.store.view().revision());
        addUser("root");
        grantRole("root", "root");
        assertEquals(3, log.store.view().revision());
        grantRole("root", "root");
        enable();
        assertEquals(3, log.store.view().revision());
        as = "root";
        log.run(as, CommandKind.AUTH_DISABLE, AuthDisableRequest.getDefaultInstance());
        assertEquals(4, log.store.view().revision());
        log.run("", CommandKind.AUTH_DISABLE, AuthDisableRequest.getDefaultInstance());
        assertEquals(4, log.store.view().revision());
        addUser("root");
        assertEquals(4, log.store.view().revision());
    }

    @Test
    void whileEnabledRootKeepsItsUserAndItsRole() {
        addUser("root");
        addRole("root");
        grantRole("root", "root");
        enable();
        as = "root";

        assertEquals(EtcdError.INVALID_AUTH_MGMT, deleteUser("root"));
        assertEquals(EtcdError.INVALID_AUTH_MGMT, deleteRole("root"));
        assertEquals(EtcdError.INVALID_AUTH_MGMT, revokeRole("root", "root"));
        log.run(as, CommandKind.AUTH_DISABLE, AuthDisableRequest.getDefaultInstance());
        as = "";
        assertNull(revokeRole("root", "root"));
        assertNull(deleteRole("root"));
        assertNull(deleteUser("root"));
    }

    @Test
    void usersAndRolesHaveNamesThatAreTheirOwn() {
        assertEquals(EtcdError.USER_EMPTY, addUser(""));
        assertEquals(EtcdError.ROLE_EMPTY, addRole(""));
        assertNull(addUser("alice"));
        assertEquals(EtcdError.USER_ALREADY_EXIST, addUser("alice"));
        assertNull(addRole("writer"));
        assertEquals(EtcdError.ROLE_ALREADY_EXIST, addRole("writer"));
        assertEquals(EtcdError.REQUEST_TOO_LARGE, addUser("x".repeat(Command.USER_BYTES_MAX + 1)));
        assertEquals(EtcdError.REQUEST_TOO_LARGE, addRole("é".repeat(Command.USER_BYTES_MAX / 2 + 1)));
        assertNull(addUser("x".repeat(Command.USER_BYTES_MAX)));
    }

    @Test
    void aPasswordHashThatIsNotBase64IsRefused() {
        assertEquals(
                EtcdError.INVALID_AUTH_MGMT,
                log.run(
                        as,
                        CommandKind.AUTH_USER_ADD,
                        AuthLog.userAdd("alice", "").toBuilder()
                                .setHashedPassword("***")
                                .build()));
        addUser("alice");
        assertEquals(
                EtcdError.INVALID_AUTH_MGMT,
                log.run(
                        as,
                        CommandKind.AUTH_USER_CHANGE_PASSWORD,
                        AuthUserChangePasswordRequest.newBuilder()
                                .setName("alice")
                                .setHashedPassword("***")
                                .build()));
        assertEquals(ByteString.copyFromUtf8("hash"), user("alice").getPassword());
    }

    @Test
    void whatDoesNotExistCannotBeChanged() {
        assertEquals(EtcdError.USER_NOT_FOUND, deleteUser("alice"));
        assertEquals(EtcdError.USER_NOT_FOUND, grantRole("alice", "writer"));
        assertEquals(EtcdError.USER_NOT_FOUND, revokeRole("alice", "writer"));
        assertEquals(EtcdError.ROLE_NOT_FOUND, deleteRole("writer"));
        assertEquals(EtcdError.ROLE_NOT_FOUND, grant("writer", READ, "a", ""));
        assertEquals(EtcdError.ROLE_NOT_FOUND, revoke("writer", "a", ""));
        addUser("alice");
        addRole("writer");
        assertEquals(EtcdError.ROLE_NOT_FOUND, grantRole("alice", "reader"));
        assertEquals(EtcdError.ROLE_NOT_GRANTED, revokeRole("alice", "writer"));
        assertEquals(EtcdError.PERMISSION_NOT_GRANTED, revoke("writer", "a", ""));
        assertEquals(
                EtcdError.PERMISSION_NOT_GIVEN,
                log.run(
                        as,
                        CommandKind.AUTH_ROLE_GRANT_PERMISSION,
                        AuthRoleGrantPermissionRequest.newBuilder()
                                .setName("writer")
                                .build()));
    }

    @Test
    void aPermissionNeedsARangeThatIsOne() {
        addRole("writer");
        assertEquals(EtcdError.INVALID_AUTH_MGMT, grant("writer", READ, "", ""));
        assertEquals(EtcdError.INVALID_AUTH_MGMT, grant("writer", READ, "", "\0"));
        assertEquals(EtcdError.INVALID_AUTH_MGMT, grant("writer", READ, "z", "a"));
        assertEquals(EtcdError.INVALID_AUTH_MGMT, grant("writer", READ, "k", "k"));
        assertNull(grant("writer", READ, "k", "\0"));
        assertNull(grant("writer", READ, "\0", "\0"));
        assertNull(grant("writer", READ, "k", ""));
        assertNull(grant("writer", READ, "k", "l"));
    }

    @Test
    void permissionsStandInTheOrderOfTheirKeysAndAreReplacedByTheirRange() {
        addRole("writer");
        grant("writer", READ, "b", "c");
        grant("writer", READ, "a", "");
        grant("writer", READ, "b", "d");
        grant("writer", WRITE, "b", "c");

        assertEquals(
                List.of(
                        AuthLog.permission(READ, "a", ""),
                        AuthLog.permission(READ, "b", "d"),
                        AuthLog.permission(WRITE, "b", "c")),
                role("writer").getKeyPermissionList());
        assertNull(revoke("writer", "b", "d"));
        assertEquals(2, role("writer").getKeyPermissionCount());
    }

    @Test
    void deletingARoleTakesItFromItsUsers() {
        addUser("alice");
        addUser("bob");
        addRole("writer");
        addRole("reader");
        grantRole("alice", "writer");
        grantRole("alice", "reader");
        grantRole("bob", "reader");
        assertEquals(List.of("reader", "writer"), List.copyOf(user("alice").getRolesList()));

        assertNull(deleteRole("reader"));

        assertEquals(List.of("writer"), List.copyOf(user("alice").getRolesList()));
        assertEquals(0, user("bob").getRolesCount());
    }

    @Test
    void everythingIsReadAnewAfterARestart() {
        addUser("root");
        addUser("älice");
        addRole("writer");
        grant("writer", WRITE, "a", "b");
        grantRole("älice", "writer");
        grantRole("root", "root");
        enable();
        AuthView before = log.store.view();

        AuthStore restarted = new AuthStore(() -> log.session, log.tokens);
        restarted.reload();

        AuthView after = restarted.view();
        assertEquals(before.revision(), after.revision());
        assertTrue(after.enabled());
        assertEquals(before.userNames(), after.userNames());
        assertEquals(before.user("älice"), after.user("älice"));
        assertEquals(before.role("writer"), after.role("writer"));
    }

    @Test
    void namesAreListedInTheOrderOfTheirBytes() {
        List<String> names = List.of("a", "aa", "b", "ä", "\uffee", "\ud83d\ude00");
        for (String name : names.reversed()) {
            addUser(name);
        }
        assertEquals(names, log.store.view().userNames());
    }

    @Test
    void aChangeIsSeenByOthersOnceItIsCommitted() {
        addUser("alice");
        AuthView before = log.store.view();
        addUser("bob");

        assertNull(before.user("bob"));
        assertEquals(2, before.revision());
        assertEquals(3, log.store.view().revision());
    }

    @Test
    void aChangedPasswordOrADeletedUserMakesTokensWorthless() {
        addUser("alice");
        addUser("bob");
        for (String name : List.of("alice", "bob")) {
            log.tokens.assign(name + "1.1", name);
        }
        log.run(
                as,
                CommandKind.AUTH_USER_CHANGE_PASSWORD,
                AuthUserChangePasswordRequest.newBuilder().setName("alice").build());
        assertFalse(log.tokens.knows("alice1.1"));
        assertTrue(log.tokens.knows("bob1.1"));
        deleteUser("bob");
        assertEquals(0, log.tokens.count());
    }

    @Test
    void aPermissionOfAnUnknownKindPermitsNothing() {
        addRole("writer");
        log.run(
                as,
                CommandKind.AUTH_ROLE_GRANT_PERMISSION,
                AuthRoleGrantPermissionRequest.newBuilder()
                        .setName("writer")
                        .setPerm(AuthLog.permission(READ, "a", "").toBuilder().setPermTypeValue(77))
                        .build());
        Scope scope = Scope.of(List.of(role("writer")));
        assertFalse(scope.mayRead(KeyRange.of(new byte[] {'a'}, new byte[0])));
    }
}
