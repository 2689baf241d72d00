package io.keelson.kvstore.auth;

import static io.keelson.kvstore.api.Permission.Type.READWRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.keelson.kvstore.api.AuthDisableRequest;
import io.keelson.kvstore.api.AuthEnableRequest;
import io.keelson.kvstore.api.AuthGrpc;
import io.keelson.kvstore.api.AuthRoleAddRequest;
import io.keelson.kvstore.api.AuthRoleGetRequest;
import io.keelson.kvstore.api.AuthRoleListRequest;
import io.keelson.kvstore.api.AuthStatusRequest;
import io.keelson.kvstore.api.AuthStatusResponse;
import io.keelson.kvstore.api.AuthUserAddRequest;
import io.keelson.kvstore.api.AuthUserChangePasswordRequest;
import io.keelson.kvstore.api.AuthUserDeleteRequest;
import io.keelson.kvstore.api.AuthUserGetRequest;
import io.keelson.kvstore.api.AuthUserGrantRoleRequest;
import io.keelson.kvstore.api.AuthUserListRequest;
import io.keelson.kvstore.api.AuthenticateRequest;
import io.keelson.kvstore.api.AuthenticateResponse;
import io.keelson.kvstore.api.Permission;
import io.keelson.kvstore.api.User;
import io.keelson.kvstore.api.UserAddOptions;
import io.keelson.kvstore.errors.EtcdError;
import io.keelson.kvstore.server.Headers;
import io.keelson.kvstore.server.ReadPoints;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AuthServiceTest {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

    private final AuthLog log = new AuthLog();
    private final ExecutorService readers = Executors.newSingleThreadExecutor();
    private final Passwords passwords = new Passwords(4, 2);
    private final TestReadPoints readPoints = new TestReadPoints();
    private final Server server;
    private final ManagedChannel channel;

    private final class TestReadPoints implements ReadPoints {
        /** What the read point brings this member up to date with. */
        volatile Runnable catchUp = () -> {};

        @Override
        public CompletableFuture<Void> linearizable() {
            return CompletableFuture.runAsync(() -> catchUp.run(), readers);
        }

        @Override
        public Executor readers() {
            return readers;
        }
    }

    AuthServiceTest() throws IOException {
        String name = InProcessServerBuilder.generateName();
        Authorizer authorizer = new Authorizer(log.store, log.tokens);
        server = InProcessServerBuilder.forName(name)
                .addService(new AuthService(
                        log.store,
                        authorizer,
                        log.tokens,
                        passwords,
                        log,
                        readPoints,
                        new Headers(11, 12, () -> 1, () -> 13)))
                .intercept(new AuthInterceptor(log.store, log.tokens, readPoints, true))
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        readers.shutdownNow();
        passwords.close();
    }

    private AuthGrpc.AuthBlockingStub client() {
        return AuthGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private AuthGrpc.AuthBlockingStub clientWith(Metadata.Key<String> key, String token) {
        Metadata headers = new Metadata();
        headers.put(key, token);
        return client().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private String login(String name, String password) {
        AuthenticateResponse answer = client().authenticate(AuthenticateRequest.newBuilder()
                .setName(name)
                .setPassword(password)
                .build());
        return answer.getToken();
    }

    private AuthGrpc.AuthBlockingStub as(String name, String password) {
        return clientWith(TOKEN, login(name, password));
    }

    private static void assertFails(EtcdError error, Runnable call) {
        StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, call::run);
        assertEquals(error.text(), failure.getStatus().getDescription());
        assertEquals(error.status().getCode(), failure.getStatus().getCode());
    }

    private static AuthUserAddRequest user(String name, String password) {
        return AuthUserAddRequest.newBuilder()
                .setName(name)
                .setPassword(password)
                .build();
    }

    private static AuthStatusRequest status() {
        return AuthStatusRequest.getDefaultInstance();
    }

    /** Root (password "rp") and alice (password "ap"), whose role permits m..p. */
    private void enable() {
        var _ = client().userAdd(user("root", "rp"));
        var _ = client().roleAdd(AuthRoleAddRequest.newBuilder().setName("root").build());
        var _ = client().userGrantRole(AuthUserGrantRoleRequest.newBuilder()
                .setUser("root")
                .setRole("root")
                .build());
        var _ = client().authEnable(AuthEnableRequest.getDefaultInstance());
        log.addUser("alice", AuthLog.permission(READWRITE, "m", "p"));
        var _ = as("root", "rp")
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("ap")
                        .build());
    }

    @Test
    void statusTellsWhetherItIsOnAndTheRevision() {
        AuthStatusResponse before = client().authStatus(status());
        assertFalse(before.getEnabled());
        assertEquals(1, before.getAuthRevision());
        enable();

        AuthStatusResponse after = as("root", "rp").authStatus(status());

        assertTrue(after.getEnabled());
        assertEquals(log.store.view().revision(), after.getAuthRevision());
        assertEquals(11, after.getHeader().getClusterId());
        assertEquals(13, after.getHeader().getRaftTerm());
    }

    @Test
    void passwordsGoIntoTheLogAsHashesOnly() {
        enable();
        User stored = log.store.view().user("alice");
        assertTrue(stored != null && stored.getPassword().toStringUtf8().startsWith("$2a$04$"));
        assertNotEquals("", login("alice", "ap"));
    }

    @Test
    void aWrongNameAndAWrongPasswordAreAnsweredAlike() {
        assertFails(EtcdError.AUTH_NOT_ENABLED, () -> login("root", "rp"));
        enable();
        var _ = as("root", "rp")
                .userAdd(AuthUserAddRequest.newBuilder()
                        .setName("certified")
                        .setOptions(UserAddOptions.newBuilder().setNoPassword(true))
                        .build());

        assertFails(EtcdError.AUTH_FAILED, () -> login("root", "wrong"));
        assertFails(EtcdError.AUTH_FAILED, () -> login("nobody", "wrong"));
        assertFails(EtcdError.AUTH_FAILED, () -> login("certified", ""));
        assertFails(EtcdError.AUTH_FAILED, () -> login("", ""));
    }

    @Test
    void aTokenCarriesTheIndexOfItsEntry() {
        enable();
        assertTrue(login("alice", "ap").matches("[a-zA-Z]{16}\\.\\d+"));
    }

    @Test
    void aTokenIsTakenFromEitherHeader() {
        enable();
        String token = login("root", "rp");
        Metadata.Key<String> authorization = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

        assertTrue(clientWith(TOKEN, token).authStatus(status()).getEnabled());
        assertTrue(clientWith(authorization, token).authStatus(status()).getEnabled());
    }

    @Test
    void aTokenThatIsNotOneIsRefused() {
        enable();
        for (String token : List.of("nonsense", "abcdefghijklmnop.1", "abcdefghijklmnop.99999999999", "")) {
            assertFails(EtcdError.INVALID_AUTH_TOKEN, () -> {
                var _ = clientWith(TOKEN, token).authStatus(status());
            });
        }
    }

    @Test
    void withoutAuthenticationTokensAreNotLookedAt() {
        assertFalse(clientWith(TOKEN, "nonsense").authStatus(status()).getEnabled());
    }

    @Test
    void aTokenAssignedOnAnotherMemberIsKnownAfterCatchingUp() {
        enable();
        String fromElsewhere = "abcdefghijklmnop.7";
        readPoints.catchUp = () -> log.tokens.assign(fromElsewhere, "root");

        assertTrue(clientWith(TOKEN, fromElsewhere).authStatus(status()).getEnabled());
    }

    @Test
    void anUnusedTokenExpires() {
        enable();
        AuthGrpc.AuthBlockingStub root = as("root", "rp");
        log.nanos.addAndGet(TimeUnit.SECONDS.toNanos(299));
        assertTrue(root.authStatus(status()).getEnabled());
        log.nanos.addAndGet(TimeUnit.SECONDS.toNanos(301));
        assertFails(EtcdError.INVALID_AUTH_TOKEN, () -> {
            var _ = root.authStatus(status());
        });
    }

    @Test
    void aChangedPasswordEndsTheUsersTokens() {
        enable();
        AuthGrpc.AuthBlockingStub alice = as("alice", "ap");
        assertEquals(1, alice.userGet(get("alice")).getRolesCount());

        var _ = as("root", "rp")
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .setPassword("other")
                        .build());

        assertFails(EtcdError.INVALID_AUTH_TOKEN, () -> {
            var _ = alice.userGet(get("alice"));
        });
        assertFails(EtcdError.AUTH_FAILED, () -> login("alice", "ap"));
        assertEquals(1, as("alice", "other").userGet(get("alice")).getRolesCount());
    }

    private static AuthUserGetRequest get(String name) {
        return AuthUserGetRequest.newBuilder().setName(name).build();
    }

    private static AuthRoleGetRequest role(String name) {
        return AuthRoleGetRequest.newBuilder().setRole(name).build();
    }

    @Test
    void usersMayAskForThemselvesAndTheirRolesAndNothingElse() {
        enable();
        AuthGrpc.AuthBlockingStub alice = as("alice", "ap");

        assertEquals(List.of("alice"), List.copyOf(alice.userGet(get("alice")).getRolesList()));
        assertEquals(1, alice.roleGet(role("alice")).getPermCount());
        for (Runnable call : List.<Runnable>of(
                () -> alice.userGet(get("root")),
                () -> alice.userGet(get("nobody")),
                () -> alice.roleGet(role("root")),
                () -> alice.roleGet(role("nothing")),
                () -> alice.userList(AuthUserListRequest.getDefaultInstance()),
                () -> alice.roleList(AuthRoleListRequest.getDefaultInstance()),
                () -> alice.authStatus(status()),
                () -> alice.userAdd(user("bob", "bp")),
                () -> alice.userDelete(
                        AuthUserDeleteRequest.newBuilder().setName("alice").build()),
                () -> alice.authDisable(AuthDisableRequest.getDefaultInstance()),
                () -> alice.authEnable(AuthEnableRequest.getDefaultInstance()))) {
            assertFails(EtcdError.PERMISSION_DENIED, call);
        }
    }

    @Test
    void nobodyMayAskForNothing() {
        enable();
        for (Runnable call : List.<Runnable>of(
                () -> client().userGet(get("alice")),
                () -> client().userGet(get("")),
                () -> client().roleGet(role("alice")),
                () -> client().authStatus(status()),
                () -> client().userAdd(user("bob", "bp")),
                () -> client().authDisable(AuthDisableRequest.getDefaultInstance()))) {
            assertFails(EtcdError.USER_EMPTY, call);
        }
    }

    @Test
    void theRootRolePermitsEverythingAsSeenByItsReader() {
        enable();
        Permission everything = as("root", "rp").roleGet(role("root")).getPerm(0);

        assertEquals(READWRITE, everything.getPermType());
        assertEquals(ByteString.EMPTY, everything.getKey());
        assertEquals(ByteString.copyFrom(new byte[] {0}), everything.getRangeEnd());
    }

    @Test
    void listsAreInOrder() {
        enable();
        AuthGrpc.AuthBlockingStub root = as("root", "rp");

        assertEquals(
                List.of("alice", "root"),
                List.copyOf(
                        root.userList(AuthUserListRequest.getDefaultInstance()).getUsersList()));
        assertEquals(
                List.of("alice", "root"),
                List.copyOf(
                        root.roleList(AuthRoleListRequest.getDefaultInstance()).getRolesList()));
        assertFails(EtcdError.USER_NOT_FOUND, () -> {
            var _ = root.userGet(get("nobody"));
        });
        assertFails(EtcdError.ROLE_NOT_FOUND, () -> {
            var _ = root.roleGet(role("nothing"));
        });
    }

    @Test
    void aPasswordThatIsTooLongIsRefusedInGosWords() {
        StatusRuntimeException failure =
                assertThrows(StatusRuntimeException.class, () -> client().userAdd(user("alice", "x".repeat(73))));
        assertEquals(Status.Code.UNKNOWN, failure.getStatus().getCode());
        assertEquals(
                "bcrypt: password length exceeds 72 bytes", failure.getStatus().getDescription());
    }

    @Test
    void aHashBroughtByTheClientIsCheckedForItsForm() {
        enable();
        AuthGrpc.AuthBlockingStub root = as("root", "rp");

        assertFails(EtcdError.INVALID_AUTH_MGMT, () -> {
            var _ = root.userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                    .setName("alice")
                    .setHashedPassword("cGxhaW4=")
                    .build());
        });
    }

    @Test
    void anEmptyNewPasswordLocksTheUserOut() {
        enable();
        var _ = as("root", "rp")
                .userChangePassword(AuthUserChangePasswordRequest.newBuilder()
                        .setName("alice")
                        .build());

        assertFails(EtcdError.AUTH_FAILED, () -> login("alice", ""));
        assertFails(EtcdError.AUTH_FAILED, () -> login("alice", "ap"));
    }

    @Test
    void anAuthenticationThatAChangeOvertakesIsRepeated() {
        enable();
        int[] changes = {0};
        // The change comes when this member has caught up and before the password is checked to the end.
        readPoints.catchUp = () -> {
            if (changes[0]++ == 0) {
                log.addUser("bob");
            }
        };
        assertTrue(as("alice", "ap").userGet(get("alice")).getRolesCount() > 0);
    }

    @Test
    void theCommonNameIsTheLastOneOfTheSubject() {
        assertEquals("alice", AuthInterceptor.commonName("CN=alice,OU=people,O=org"));
        assertEquals("b, c", AuthInterceptor.commonName("CN=b\\, c"));
        assertEquals("last", AuthInterceptor.commonName("CN=last,CN=first"));
        assertEquals("multi", AuthInterceptor.commonName("OU=x+CN=multi"));
        assertNull(AuthInterceptor.commonName("O=org"));
        assertNull(AuthInterceptor.commonName(""));
        assertNull(AuthInterceptor.commonName("CN="));
    }
}
